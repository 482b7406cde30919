// The pages of every site without a figure: one `observable build` of dashboards/, kept until the code changes. What a release
// says (frame, answers) is put in by site.ts; the shell holds marks in their place.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { build } from 'esbuild';
import type { Audience } from '../api/access.ts';
import { pages } from '../dashboards/pages.ts';
import { codeDigest, sha256 } from './digests.ts';
import { root } from './workspace.ts';

/** Where the shell of this code lies; builds it if there is none yet. */
export async function siteShell(): Promise<string> {
  const shell = join(root, '.cache', `site-${await shellDigest()}`);
  if (existsSync(shell)) return shell;
  const fresh = await mkdtemp(join(tmpdir(), 'sourced-site-'));
  try {
    await buildShell(fresh);
    await keep(join(fresh, 'site'), shell);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return shell;
}

/** All that a shell is made of: the pages, what builds them, and the versions of the libraries in them. */
async function shellDigest(): Promise<string> {
  const libraries = ['@observablehq/framework', '@observablehq/plot', 'htl', 'esbuild'];
  const versions = libraries.map((library) => readFile(join(root, 'node_modules', library, 'package.json'), 'utf8'));
  const builder = readFile(fileURLToPath(import.meta.url), 'utf8');
  return sha256([codeDigest(['dashboards']), ...(await Promise.all([builder, ...versions]))].join('\0')).slice(0, 16);
}

/** Whole or not at all, whoever else builds it at the same time; shells of other code go. */
async function keep(built: string, shell: string): Promise<void> {
  const beside = `${shell}.${process.pid}`;
  await cp(built, beside, { recursive: true });
  await rename(beside, shell).catch(async (error: unknown) => {
    if (!existsSync(shell)) throw error;
    await rm(beside, { recursive: true, force: true });
  });
  for (const name of await readdir(dirname(shell)))
    if (/^site-[0-9a-f]{16}$/.test(name) && name !== basename(shell))
      await rm(join(dirname(shell), name), { recursive: true, force: true });
}

async function buildShell(fresh: string): Promise<void> {
  const source = join(fresh, 'dashboards');
  await cp(join(root, 'dashboards'), source, { recursive: true });
  await symlink(join(root, 'node_modules'), join(fresh, 'node_modules'), 'junction');
  await nameUnusedLibraries(source);
  await Promise.all([placeAnswers(source), bundlePlot(source)]);
  await observableBuild(fresh);
  const site = join(fresh, 'site');
  await rm(join(site, '_file'), { recursive: true, force: true });
  await compressTexts(site, (file) => !isOfRelease(file));
}

/** The file of an answer that a page opens with, below the pages. */
export function answerFile(audience: Audience, name: string): string {
  return `data/${audience}/${name}.json`;
}

/** Framework wants every file that a page names; the empty ones do not stay. */
async function placeAnswers(source: string): Promise<void> {
  for (const { audience, answers = {} } of pages)
    for (const name of Object.keys(answers)) {
      const file = join(source, answerFile(audience, name));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, 'null');
    }
}

/** Pages and answers: what a release says. */
export function isOfRelease(file: string): boolean {
  return /\.(html|json)$/.test(file);
}

/** Gives every text file that is chosen a compressed twin, for the server to send. */
export async function compressTexts(directory: string, isChosen: (file: string) => boolean): Promise<void> {
  const compress = promisify(gzip);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(html|js|css|json|svg)$/.test(file) || !isChosen(file)) continue;
    await writeFile(`${file}.gz`, await compress(await readFile(file), { level: constants.Z_BEST_COMPRESSION }));
  }
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
  console.error('The build of the site asked for ' + url + ': see unusedLibraries in pipeline/site-shell.ts');
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
