// dbt of one workspace: the environment that points it there, and its failures.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { memoryLimit } from './memory.ts';
import { root, type Workspace } from './workspace.ts';

/** A model or a data test, and why it did not succeed. */
export type DbtFailure = { readonly node: string; readonly message: string };

/** The models did not build, or a data test does not hold. Not the user's fault: a model or its test broke. */
export class DbtError extends Error {
  readonly failures: readonly DbtFailure[];
  constructor(failures: readonly DbtFailure[]) {
    const lines = failures.slice(0, 5).map(({ node, message }) => `  ${node}: ${message}`);
    super(`the models did not build\n${lines.join('\n')}`);
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
export function connectorsIn(config_file: string): string[] {
  if (!existsSync(config_file)) return ['files'];
  const { sources = [] } = (parse(readFileSync(config_file, 'utf8')) ?? {}) as { sources?: { connector?: string }[] };
  return [...new Set(['files', ...sources.map(({ connector }) => String(connector))])].sort();
}
