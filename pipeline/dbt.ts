// Runs the pinned dbt on one workspace's warehouse. The warehouse must be closed: DuckDB lets one process write at a time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { memoryLimit } from './memory.ts';
import { dbtPython } from './python.ts';
import { root, type Workspace } from './workspace.ts';

export type DbtCounts = { models: number; tests: number; warnings: number };

/** A dbt node that did not pass, in the words of dbt. */
export type DbtFailure = { node: string; status: string; message: string };

/** `dbt build` that did not pass. Not the user's fault: it means that a model or its data test broke. */
export class DbtError extends Error {
  readonly failures: readonly DbtFailure[];
  constructor(failures: readonly DbtFailure[], log: string) {
    const lines = failures.slice(0, 5).map(({ node, status, message }) => `  ${node} ${status}: ${message}`);
    super(`dbt did not finish (its log: ${log})\n${lines.join('\n')}`);
    this.failures = failures;
  }
}

export const dbtProject = join(root, 'models');

/** What dbt needs of our own environment: it looks through all of it at every line it logs. */
const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'USERPROFILE', 'APPDATA'];

/** The environment that points dbt at a workspace: its warehouse, and its own target and log folders. */
export function dbtEnvironment(
  workspace: Pick<Workspace, 'config_file' | 'warehouse' | 'dbt' | 'logs'>,
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    SOURCED_WAREHOUSE: workspace.warehouse,
    SOURCED_MEMORY: memoryLimit,
    SOURCED_CONNECTORS: connectorsIn(workspace.config_file).join(),
    DBT_PROJECT_DIR: dbtProject,
    DBT_PROFILES_DIR: dbtProject,
    DBT_TARGET_PATH: workspace.dbt,
    DBT_LOG_PATH: workspace.logs,
    DBT_LOG_LEVEL_FILE: 'info',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_VERSION_CHECK: 'false',
    DBT_USE_COLORS: 'false',
    PYTHONNOUSERSITE: '1',
    TZ: 'UTC',
  };
}

/**
 * `files` and the connectors that sourced.yaml names, in a fixed order: dbt parses and builds the staging of these alone.
 * The file is read for their names only, so that a missing secret stops nobody from looking at the models.
 */
function connectorsIn(config_file: string): string[] {
  if (!existsSync(config_file)) return ['files'];
  const { sources = [] } = (parse(readFileSync(config_file, 'utf8')) ?? {}) as { sources?: { connector?: string }[] };
  return [...new Set(['files', ...sources.map(({ connector }) => String(connector))])].sort();
}

/** Unit tests hold the models' logic against made-up rows; they belong to `npm test`, data tests to every run. */
const withoutUnitTests = ['--exclude-resource-type', 'unit_test'];

/** `dbt build` with a selection; resolves with what ran, throws DbtError otherwise. */
export async function dbtBuild(workspace: Workspace, selection: readonly string[]): Promise<DbtCounts> {
  const isDone = await serverOf(workspace).run(['build', ...withoutUnitTests, ...selection]);
  const results = readResults(join(workspace.dbt, 'run_results.json'));
  const failures = results.filter((result) => ['error', 'fail', 'skipped'].includes(result.status));
  const causes = failures.filter((failure) => failure.status !== 'skipped');
  if (!isDone)
    throw new DbtError(causes.length ? causes : [lastWords(outputOf(workspace))], join(workspace.logs, 'dbt.log'));
  return {
    models: results.filter(({ node }) => node.startsWith('model.')).length,
    tests: results.filter(({ node }) => node.startsWith('test.') || node.startsWith('unit_test.')).length,
    warnings: results.filter((result) => result.status === 'warn').length,
  };
}

/** Starts dbt for a workspace before it is needed: its start takes as long as reading the sources of a small company. */
export function warmDbt(workspace: Workspace): void {
  serverOf(workspace);
}

/** Ends the dbt of a workspace that has no more to do, in a process that goes on. */
export function stopDbt(workspace: Workspace): void {
  servers.get(workspace.warehouse)?.stop();
}

/** A dbt that waits for commands; it ends with this process, and keeps nothing alive while it waits. */
type Server = { run(args: readonly string[]): Promise<boolean>; stop(): void };

const servers = new Map<string, Server>();

function serverOf(workspace: Workspace): Server {
  const known = servers.get(workspace.warehouse);
  if (known) return known;
  const server = startServer(workspace);
  servers.set(workspace.warehouse, server);
  return server;
}

function startServer(workspace: Workspace): Server {
  const output = openSync(outputOf(workspace), 'w');
  const child = spawn(dbtPython(), [join(root, 'pipeline', 'dbt-server.py')], {
    cwd: dbtProject,
    env: dbtEnvironment(workspace),
    stdio: ['pipe', 'pipe', output],
  });
  closeSync(output);
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  const handles = [child, stdin, stdout];
  for (const handle of handles) handle.unref();
  const answers = createInterface({ input: stdout });
  const ended = new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      if (servers.get(workspace.warehouse) === server) servers.delete(workspace.warehouse);
      resolve(false);
    });
  });
  ended.catch(() => undefined); // told to whoever asks next
  const server: Server = {
    async run(args) {
      for (const handle of handles) handle.ref();
      const answer = once(answers, 'line').then(([line]) => (JSON.parse(String(line)) as { success: boolean }).success);
      stdin.write(`${JSON.stringify(args)}\n`);
      const isDone = await Promise.race([answer, ended]);
      for (const handle of handles) handle.unref();
      return isDone;
    },
    stop() {
      servers.delete(workspace.warehouse);
      stdin.end();
    },
  };
  return server;
}

function outputOf(workspace: Workspace): string {
  return join(workspace.logs, 'dbt-output.log');
}

function readResults(file: string): DbtFailure[] {
  if (!existsSync(file)) return [];
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as {
    results: { unique_id: string; status: string; message: string | null }[];
  };
  return results.map(({ unique_id, status, message }) => ({ node: unique_id, status, message: message ?? '' }));
}

/** dbt stopped before it ran a node (a project that does not parse): its last lines say why. */
function lastWords(output: string): DbtFailure {
  const lines = readFileSync(output, 'utf8').trim().split('\n');
  return { node: 'dbt', status: 'error', message: lines.slice(-6).join(' ').slice(0, 600) };
}
