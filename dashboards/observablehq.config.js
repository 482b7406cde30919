// Framework's settings: our own frame and stylesheet, nothing of the default theme, nothing from another host.
import { readFileSync } from 'node:fs';
import { header } from './frame.ts';

/** @type {import('./frame.ts').Site} */
const site = JSON.parse(readFileSync(new URL('site.json', import.meta.url), 'utf8'));

export default {
  root: 'dashboards',
  output: 'site',
  title: site.release.company,
  style: 'style/sourced.css',
  globalStylesheets: [],
  sidebar: false,
  toc: false,
  pager: false,
  footer: null,
  head: '<link rel="icon" href="data:,"><script type="module" src="/components/start.js"></script>',
  header: ({ path }) => header(path, site),
};
