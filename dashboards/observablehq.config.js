// Framework's settings: our own frame and stylesheet, nothing of the default theme, nothing from another host.
import { COMPANY, frameMark } from './marks.ts';

export default {
  root: 'dashboards',
  output: 'site',
  title: COMPANY,
  style: 'style/sourced.css',
  globalStylesheets: [],
  sidebar: false,
  toc: false,
  pager: false,
  footer: null,
  head: '<link rel="icon" href="data:,"><script type="module" src="/components/start.js"></script>',
  header: ({ path }) => frameMark(path.slice(1)),
};
