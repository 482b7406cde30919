// Where everything of one workspace lies (contract §2), and how its sourced.yaml is read.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { methodNames } from '../attribution/methods/registry.ts';
import { type Config, loadConfig, type ReadsSources } from '../core/config.ts';
import { ConfigError } from '../core/errors.ts';
import { connectorSchemas } from '../ingest/registry.ts';

/** The root of this repository: the dbt project, the dashboards and the pinned tools lie below it. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What sourced.yaml may name: the registered connectors and attribution methods. */
export const registered = { connectors: connectorSchemas, methods: methodNames };

export type Workspace = {
  readonly directory: string;
  readonly config_file: string;
  /** `.sourced`: everything that Sourced writes. */
  readonly state: string;
  readonly warehouse: string;
  readonly books: string;
  readonly releases: string;
  readonly loads: string;
  readonly logs: string;
  readonly dbt: string;
  readonly lock: string;
  /** There while a run works, and after a run that was killed. */
  readonly unfinished: string;
  /** How far the line has come. */
  readonly reached: string;
};

/** The places of the workspace in `directory`; makes `.sourced` where it is missing. Throws ConfigError without a sourced.yaml. */
export function openWorkspace(directory: string): Workspace {
  const workspace = places(resolve(directory));
  const found = statSync(workspace.config_file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new ConfigError(
      found ? `${workspace.config_file} is not a file` : `there is no sourced.yaml in ${workspace.directory}`,
      'make one with `npx --no sourced init`, or name its directory with --workspace DIR',
      'config_missing',
    );
  for (const folder of [workspace.state, workspace.releases, workspace.loads, workspace.logs, workspace.dbt])
    mkdirSync(folder, { recursive: true });
  return workspace;
}

/** The paths alone; nothing is made or checked. */
export function places(directory: string): Workspace {
  const state = join(directory, '.sourced');
  return {
    directory,
    config_file: join(directory, 'sourced.yaml'),
    state,
    warehouse: join(state, 'warehouse.duckdb'),
    books: join(state, 'books.sqlite'),
    releases: join(state, 'releases'),
    loads: join(state, 'loads'),
    logs: join(state, 'logs'),
    dbt: join(state, 'dbt'),
    lock: join(state, 'run.lock'),
    unfinished: join(state, 'run.unfinished'),
    reached: join(state, 'run.reached.json'),
  };
}

/** The typed configuration of a workspace. Throws ConfigError with file, line and column. */
export function readConfig(
  workspace: Workspace,
  { reads_sources = true }: { reads_sources?: ReadsSources } = {},
): Config {
  return loadConfig({
    text: readFileSync(workspace.config_file, 'utf8'),
    file: relative(process.cwd(), workspace.config_file) || workspace.config_file,
    env: process.env,
    registered,
    reads_sources,
  });
}
