// The dbt project as a run executes it: dbt compiles it once per code and connectors, and what it made is kept with its environment
// for every workspace that has the same.
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { connectorsIn, DbtError, dbtEnvironment, dbtProject } from './dbt.ts';
import { codeDigest, sha256 } from './digests.ts';
import { dbtPython } from './python.ts';
import type { Workspace } from './workspace.ts';

/** A model (`table`, `view`) or a data test, which holds where its SQL gives no row. */
export type DbtNode = {
  readonly id: string;
  readonly type: 'table' | 'view' | 'test';
  readonly schema: string | null;
  readonly relation: string | null;
  /** Columns and types that the model promises. */
  readonly contract: Readonly<Record<string, string>> | null;
  readonly sql: string;
  /** Ids of models and sources. */
  readonly reads: readonly string[];
};

const compiling = new Map<string, Promise<readonly DbtNode[]>>();

/** Models and data tests, compiled. Throws DbtError where dbt finds the project wrong. */
export function compiledProject(workspace: Workspace): Promise<readonly DbtNode[]> {
  const connectors = connectorsIn(workspace.config_file).join();
  const known = compiling.get(connectors);
  if (known) return known;
  const nodes = keptOrCompiled(workspace, connectors);
  nodes.catch(() => undefined); // told to whoever asks next
  compiling.set(connectors, nodes);
  return nodes;
}

async function keptOrCompiled(workspace: Workspace, connectors: string): Promise<readonly DbtNode[]> {
  const python = dbtPython();
  const kept = join(python, '..', '..', `sourced-${sha256(connectors).slice(0, 16)}.json`);
  const key = `${codeDigest(['models'])} ${connectors}`;
  const found = readKept(kept);
  if (found?.key === key) return found.nodes;
  const nodes = await compile(workspace, python);
  keep(kept, { key, nodes });
  return nodes;
}

type Kept = { readonly key: string; readonly nodes: readonly DbtNode[] };

function readKept(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return undefined; // none yet
  }
}

function keep(file: string, project: Kept): void {
  const partial = `${file}.${process.pid}`;
  try {
    writeFileSync(partial, JSON.stringify(project));
    renameSync(partial, file);
  } catch {
    // an environment that cannot be written serves as well
  }
}

async function compile(workspace: Workspace, python: string): Promise<readonly DbtNode[]> {
  const child = spawn(python, [join(dbtProject, 'compile.py')], {
    cwd: dbtProject,
    env: { ...dbtEnvironment(workspace), DBT_LOG_LEVEL: 'error', DBT_LOG_LEVEL_FILE: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [answer, output] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const { nodes, error } = (answer ? JSON.parse(answer) : {}) as { nodes?: readonly DbtNode[]; error?: string };
  if (!nodes) throw new DbtError([{ node: 'dbt', message: error || output.trim().split('\n').slice(-6).join(' ') }]);
  return nodes;
}

/** What models/profiles.yml tells DuckDB for all models; memory is the warehouse's own matter. */
export function dbtSettings(): Readonly<Record<string, string>> {
  const profiles = parse(readFileSync(join(dbtProject, 'profiles.yml'), 'utf8')) as {
    sourced: { outputs: { warehouse: { config_options: Record<string, string> } } };
  };
  const { memory_limit: _, ...settings } = profiles.sourced.outputs.warehouse.config_options;
  return settings;
}
