// Virtual environments of Python under the repository, pinned and hash-checked, made once and reused: dbt's, and others for tests.
// A half-made environment is never seen: it is built beside its place and moved there when complete.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { root } from './workspace.ts';

export type PythonEnvironment = {
  /** What it holds, for messages. */
  readonly what: string;
  /** The file of pinned packages with their hashes. */
  readonly requirements: string;
  /** Where it is. */
  readonly folder: string;
};

const DBT: PythonEnvironment = {
  what: 'dbt',
  requirements: join(root, 'models', 'requirements.txt'),
  folder: join(root, '.venv'),
};
const READY = 'sourced-ready.txt';
const OLDEST_MINOR = 10;

/** The Python interpreter that has dbt; builds its environment where it is missing, half made or out of date. */
export function dbtPython(log: (line: string) => void = () => {}): string {
  return pythonOf(DBT, log);
}

/** The interpreter of an environment, which is made where it is missing, half made or out of date. */
export function pythonOf(environment: PythonEnvironment, log: (line: string) => void = () => {}): string {
  const { what, requirements, folder } = environment;
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (isReady(folder, wanted)) return interpreter(folder);
  const python = findPython();
  log(`${what}'s Python environment is made once (${python.version}); this takes about half a minute`);
  clearAbandoned(folder);
  const building = `${folder}.building-${process.pid}`;
  try {
    build(python.command, building, wanted, environment);
    install(building, folder, wanted);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return interpreter(folder);
}

/** Removes what set-ups that were killed left behind; their names hold the id of their process. */
function clearAbandoned(folder: string): void {
  const prefix = `${basename(folder)}.building-`;
  const parent = dirname(folder);
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix)))
    if (!isAlive(Number(name.slice(prefix.length)))) rmSync(join(parent, name), { recursive: true, force: true });
}

function isAlive(process_id: number): boolean {
  try {
    return process.kill(process_id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isReady(environment: string, wanted: string): boolean {
  const marker = join(environment, READY);
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) return false;
  // The base interpreter may have gone since: a link to nothing must be rebuilt, not run.
  return spawnSync(interpreter(environment), ['-c', 'import sys'], { stdio: 'ignore' }).status === 0;
}

function build(python: string, environment: string, wanted: string, { what, requirements }: PythonEnvironment): void {
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(environment, { recursive: true });
  step(python, ['-m', 'venv', environment], (output) =>
    /ensurepip|venv/i.test(output)
      ? 'Python has no working `venv`; install it (Debian, Ubuntu: apt-get install python3-venv) and run again'
      : `Python could not make a virtual environment: ${lastLine(output)}`,
  );
  step(
    interpreter(environment),
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-input',
      '--require-hashes',
      '--no-deps',
      '-r',
      requirements,
    ],
    (output) =>
      /hash/i.test(output) && /mismatch|do not match/i.test(output)
        ? 'a Python package does not have the pinned hash; nothing was installed. Check the package index that pip uses'
        : `${what} could not be installed: ${lastLine(output)}. Check the network (or PIP_INDEX_URL) and run again`,
  );
  writeFileSync(join(environment, READY), wanted);
}

/** Moves the complete environment into its place; where another process was first, its environment is as good. */
function install(building: string, folder: string, wanted: string): void {
  const old = `${folder}.old-${process.pid}`;
  if (existsSync(folder)) renameSync(folder, old);
  try {
    renameSync(building, folder);
  } catch (error) {
    if (!isReady(folder, wanted)) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

function interpreter(environment: string): string {
  return process.platform === 'win32' ? join(environment, 'Scripts', 'python.exe') : join(environment, 'bin', 'python');
}

/** The first interpreter on the PATH that is new enough. Throws UsageError with the one line that says what to install. */
export function findPython(path: string | undefined = process.env.PATH): { command: string; version: string } {
  const names = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const found: string[] = [];
  for (const command of names) {
    const probe = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    });
    if (probe.status !== 0) continue;
    const version = probe.stdout.trim();
    const [major, minor] = version.split('.').map(Number);
    if (major === 3 && minor! >= OLDEST_MINOR) return { command, version: `Python ${version}` };
    found.push(version);
  }
  throw new UsageError(
    found.length
      ? `dbt needs Python 3.${OLDEST_MINOR} or newer; this machine has ${found[0]}`
      : `dbt needs Python 3.${OLDEST_MINOR} or newer; there is none on the PATH`,
    'install Python (python.org, or your system’s package python3 with python3-venv) and run again',
    'setup',
  );
}

function step(command: string, args: string[], explain: (output: string) => string): void {
  const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, PYTHONNOUSERSITE: '1' } });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}\n${result.stderr ?? ''}\n${result.error?.message ?? ''}`;
  throw new UsageError(explain(output), undefined, 'setup');
}

function lastLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('[notice]'));
  return lines.findLast((line) => /^error/i.test(line)) ?? lines.at(-1) ?? 'no reason was given';
}
