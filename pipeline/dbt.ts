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

/** What became of a model or a data test, in the words of dbt. */
type DbtNode = { node: string; status: string; message: string };

/** What became of a command; `error` is why dbt ran no node at all. */
type DbtOutcome = { success: boolean; nodes: readonly DbtNode[]; error: string };

/** `dbt build` that did not pass. Not the user's fault: it means that a model or its data test broke. */
export class DbtError extends Error {
  readonly failures: readonly DbtNode[];
  constructor(failures: readonly DbtNode[], log: string) {
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
  const outcome = await serverOf(workspace).run(['build', ...withoutUnitTests, ...selection]);
  const { success, nodes, error } = outcome ?? { success: false, nodes: [], error: lastWords(outputOf(workspace)) };
  if (!success) {
    const causes = nodes.filter(({ status }) => status === 'error' || status === 'fail');
    const failures = causes.length ? causes : [{ node: 'dbt', status: 'error', message: error }];
    throw new DbtError(failures, join(workspace.logs, 'dbt.log'));
  }
  return {
    models: nodes.filter(({ node }) => node.startsWith('model.')).length,
    tests: nodes.filter(({ node }) => node.startsWith('test.')).length,
    warnings: nodes.filter(({ status }) => status === 'warn').length,
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

/** A dbt that waits for commands; it ends with this process, and keeps nothing alive while it waits. Undefined: it died. */
type Server = { run(args: readonly string[]): Promise<DbtOutcome | undefined>; stop(): void };

const servers = new Map<string, Server>();

function serverOf(workspace: Workspace): Server {
  return servers.getOrInsertComputed(workspace.warehouse, () => startServer(workspace));
}

/** The server tells what became of each node: dbt need not print it, nor write it to files. */
const silent = { DBT_LOG_LEVEL: 'error', DBT_LOG_LEVEL_FILE: 'warn', DBT_WRITE_JSON: 'false' };

function startServer(workspace: Workspace): Server {
  const output = openSync(outputOf(workspace), 'w');
  const child = spawn(dbtPython(), [join(root, 'pipeline', 'dbt-server.py')], {
    cwd: dbtProject,
    env: { ...dbtEnvironment(workspace), ...silent },
    stdio: ['pipe', 'pipe', output],
  });
  closeSync(output);
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  const handles = [child, stdin, stdout];
  for (const handle of handles) handle.unref();
  const answers = createInterface({ input: stdout });
  const ended = new Promise<undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      if (servers.get(workspace.warehouse) === server) servers.delete(workspace.warehouse);
      resolve(undefined);
    });
  });
  ended.catch(() => undefined); // told to whoever asks next
  const server: Server = {
    async run(args) {
      for (const handle of handles) handle.ref();
      const answer = once(answers, 'line').then(([line]) => JSON.parse(String(line)) as DbtOutcome);
      stdin.write(`${JSON.stringify(args)}\n`);
      const outcome = await Promise.race([answer, ended]);
      for (const handle of handles) handle.unref();
      return outcome;
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

/** dbt died: its last lines say why. */
function lastWords(output: string): string {
  return readFileSync(output, 'utf8').trim().split('\n').slice(-6).join(' ').slice(0, 600);
}
