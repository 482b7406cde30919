// Builds the site of a release: a fresh copy of dashboards/, the answers its pages open with, one `observable build`.
// Nothing is kept between builds, so no page can show a figure of an earlier release.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { build } from 'esbuild';
import { type Audience, audienceRoles, type Role } from '../api/access.ts';
import { fillPath } from '../dashboards/components/format.ts';
import type { Site } from '../dashboards/frame.ts';
import { type Page, pages } from '../dashboards/pages.ts';
import { type Asker, askRelease } from './ask.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export type SiteOptions = {
  /** Asks one answer as a role. */
  readonly ask: Asker['ask'];
  /** Becomes `<release>/site`; must not exist. */
  readonly target: string;
};

/** Builds the site of a release that is written but not yet current, into `<release>/site`. */
export async function buildSite({ releaseDirectory }: { readonly releaseDirectory: string }): Promise<void> {
  const { ask, close } = askRelease(releaseDirectory);
  try {
    await writeSite({ ask, target: join(releaseDirectory, 'site') });
  } finally {
    await close();
  }
}

/** Builds the site over the answers of `ask` into `target`. */
export async function writeSite({ ask, target }: SiteOptions): Promise<{ pages: number; answers: number }> {
  const fresh = await mkdtemp(join(tmpdir(), 'sourced-site-'));
  try {
    const source = join(fresh, 'dashboards');
    await cp(join(root, 'dashboards'), source, { recursive: true });
    await symlink(join(root, 'node_modules'), join(fresh, 'node_modules'), 'junction');
    await nameUnusedLibraries(source);
    const site = await siteOf(ask);
    await writeFile(join(source, 'site.json'), JSON.stringify(site));
    const [answers] = await Promise.all([writeAnswers(ask, site, source), bundlePlot(source)]);
    await observableBuild(fresh);
    await finish(join(fresh, 'site'));
    await mkdir(dirname(target), { recursive: true });
    await cp(join(fresh, 'site'), target, { recursive: true, errorOnExist: true, force: false });
    return { pages: pages.length, answers };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

type ReleaseAnswer = Omit<Site['release'], 'oldest_load_at'> & {
  readonly last_complete_month: string | null;
  readonly freshness: { readonly oldest_load_at: string | null };
};

/** What the frame knows of the release, and the values that filters have when a URL names none. */
async function siteOf(ask: Asker['ask']): Promise<Site> {
  const answer = JSON.parse(await ask('leadership', '/v1/release')) as ReleaseAnswer;
  const { freshness, last_complete_month, ...release } = answer;
  const last = release.months.at(-1) ?? release.as_of.slice(0, 7);
  const complete = last_complete_month ?? last;
  const [month = last] = [complete, last].sort();
  const basis = release.bases.includes('paid') ? 'paid' : (release.bases[0] ?? 'paid');
  const method = release.methods.includes('linear') ? 'linear' : (release.methods[0] ?? 'linear');
  return {
    release: { ...release, oldest_load_at: freshness.oldest_load_at },
    last_complete_month: complete,
    defaults: { month, basis, method, motion: '', currency: '' },
    audienceRoles,
  };
}

/** Writes each page's answers as `data/<audience>/<name>.json`; gives their number. */
async function writeAnswers(ask: Asker['ask'], { defaults }: Site, source: string): Promise<number> {
  const wanted = new Map(pages.flatMap((page) => answersOf(page, defaults).map((answer) => [answer.file, answer])));
  for (const { file, audience, path } of wanted.values()) {
    await mkdir(dirname(join(source, file)), { recursive: true });
    await writeFile(join(source, file), await ask(readerOf(audience), path));
  }
  return wanted.size;
}

function answersOf({ audience, answers = {} }: Page, defaults: Site['defaults']) {
  return Object.entries(answers).map(([name, template]) => ({
    audience,
    file: join('data', audience, `${name}.json`),
    path: fillPath(template, defaults),
  }));
}

/** The role as which a page's answers are asked: of those that may read the page, the one that it was made for. */
function readerOf(audience: Audience): Role {
  const readers: readonly Role[] = audienceRoles[audience];
  const reader = readers.find((role) => role === audience) ?? readers[0];
  if (!reader) throw new Error(`nobody may read the pages of ${audience}`);
  return reader;
}

/** Puts only what the pages use of Plot and d3 into one file: a third of the requests, half of the bytes. */
async function bundlePlot(source: string): Promise<void> {
  const file = join(source, 'components', 'plot.ts');
  await build({
    entryPoints: [file],
    outfile: join(source, 'components', 'plot.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
  });
  await rm(file);
}

/** What Framework offers every page and ours do not use. */
const unusedLibraries = [
  '@observablehq/plot',
  '@observablehq/sample-datasets',
  'apache-arrow',
  'arquero',
  'd3',
  'd3-dsv',
  'echarts',
  'htl',
  'leaflet',
  'lodash',
  'mapbox-gl',
  'parquet-wasm',
  'react',
  'react-dom',
  'topojson-client',
];

/** Framework writes an address of each into its runtime, and would ask the package registry for the latest version of it. */
async function nameUnusedLibraries(source: string): Promise<void> {
  const versions = join(source, '.observablehq', 'cache', '_npm');
  for (const library of unusedLibraries) await mkdir(join(versions, `${library}@0.0.0`), { recursive: true });
}

/** A site is built of what is installed: the build stops where it would ask another host. */
const OFFLINE = `data:text/javascript,globalThis.fetch = (url) => {
  console.error('The build of the site asked for ' + url + ': see unusedLibraries in pipeline/site.ts');
  process.exit(1);
};`;

async function observableBuild(cwd: string): Promise<void> {
  const command = join(root, 'node_modules', '@observablehq', 'framework', 'dist', 'bin', 'observable.js');
  const args = ['--import', OFFLINE, command, 'build', '--config', 'dashboards/observablehq.config.js'];
  const env = { ...process.env, OBSERVABLE_TELEMETRY_DISABLE: 'true' };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const status = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  if (status !== 0 || output.includes('SyntaxError'))
    throw new Error(`observable build failed (${status})\n${output.slice(-4000)}`);
}

/** What Framework leaves out of its pages, and a compressed twin of every text file for the server to send. */
async function finish(site: string): Promise<void> {
  const compress = promisify(gzip);
  for (const entry of await readdir(site, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(html|js|css|json|svg)$/.test(entry.name)) continue;
    if (entry.name.endsWith('.html')) await writeFile(file, finishPage(await readFile(file, 'utf8')));
    await writeFile(`${file}.gz`, await compress(await readFile(file), { level: constants.Z_BEST_COMPRESSION }));
  }
}

/** Names the language, and lets readers zoom. */
function finishPage(html: string): string {
  const finished = html.replace('<html>', '<html lang="en">').replace(', maximum-scale=1', '');
  if (!finished.includes('<html lang="en">') || finished.includes('maximum-scale'))
    throw new Error('Framework writes its pages differently: see finishPage in pipeline/site.ts');
  return finished;
}
