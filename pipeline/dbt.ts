// Runs the pinned dbt on one workspace's warehouse. The warehouse must be closed: DuckDB lets one process write at a time.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dbtPython } from './python.ts';
import { memoryLimit } from './warehouse.ts';
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

/** The environment that points dbt at a workspace: its warehouse, and its own target and log folders. */
export function dbtEnvironment(
  workspace: Pick<Workspace, 'config_file' | 'warehouse' | 'dbt' | 'logs'>,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
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
  const output = join(workspace.logs, 'dbt-output.log');
  const status = await runDbt(workspace, ['build', ...withoutUnitTests, ...selection], output);
  const results = readResults(join(workspace.dbt, 'run_results.json'));
  const failures = results.filter((result) => ['error', 'fail', 'skipped'].includes(result.status));
  const causes = failures.filter((failure) => failure.status !== 'skipped');
  if (status !== 0) throw new DbtError(causes.length ? causes : [lastWords(output)], join(workspace.logs, 'dbt.log'));
  return {
    models: results.filter(({ node }) => node.startsWith('model.')).length,
    tests: results.filter(({ node }) => node.startsWith('test.') || node.startsWith('unit_test.')).length,
    warnings: results.filter((result) => result.status === 'warn').length,
  };
}

/**
 * Ends dbt when the process that started it is gone (its end of the pipe closes), also after kill -9: an orphan that goes on
 * writing would keep the warehouse locked for the next run.
 */
const dbtWithParent = `
import os, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
from dbt.cli.main import cli
cli()`;

function runDbt(workspace: Workspace, args: readonly string[], output: string): Promise<number | null> {
  const python = dbtPython();
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-c', dbtWithParent, ...args], {
      cwd: dbtProject,
      env: dbtEnvironment(workspace),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const log = createWriteStream(output);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', reject);
    child.on('close', (status) => log.end(() => resolve(status)));
  });
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
