// Reads every source into the raw log, stream by stream. What was complete is kept when another stream fails.
import { setTimeout } from 'node:timers/promises';
import type { Config, Source } from '../core/config.ts';
import { SourceError, UsageError } from '../core/errors.ts';
import { nearest } from '../core/ids.ts';
import type {
  CheckLine,
  Connector,
  ConnectorContext,
  IngestWarehouse,
  IngestWorkspace,
  StreamReader,
  World,
} from './connector.ts';
import { type Load, land } from './land.ts';
import { writeMissingManifests } from './manifest.ts';
import { ensureRawSchema } from './raw-schema.ts';
import { connectors } from './registry.ts';

export type IngestOptions = {
  readonly config: Pick<Config, 'sources'>;
  readonly workspace: IngestWorkspace;
  readonly warehouse: IngestWarehouse;
  /** Only the source of this name. */
  readonly only?: string | undefined;
  /** Called with the counts so far after each stream. */
  readonly log?: (counts: Readonly<Record<string, number | string>>) => void;
  /** The time of loading; default: the machine's clock. */
  readonly clock?: () => string;
  /** Clock, sleep and chance of connectors; default: the machine's. */
  readonly world?: World;
};

const machineClock = () => new Date().toISOString();
const machineWorld: World = {
  now: () => Date.now(),
  sleep: (milliseconds) => setTimeout(milliseconds),
  random: () => Math.random(),
};

/**
 * Lands every stream of every source. Gives one load per stream. Throws UsageError for an unknown source and, after all
 * else is landed, one SourceError that names every stream that could not be read.
 */
export async function ingest(options: IngestOptions): Promise<Load[]> {
  const { warehouse, workspace } = options;
  await ensureRawSchema(
    warehouse,
    connectors.map(({ name }) => name),
  );
  await writeMissingManifests(warehouse, workspace);
  const loads: Load[] = [];
  const failures: SourceError[] = [];
  for (const source of sourcesOf(options)) {
    const { connector, context } = contextOf(options, source);
    if (!('streams' in connector)) continue;
    const readers = await attempt(failures, () => connector.streams(context));
    for (const reader of readers ?? []) {
      const load = await attempt(failures, () => landStream(options, source, reader));
      if (load) loads.push(load);
      options.log?.(totals(loads));
    }
  }
  await writeMissingManifests(warehouse, workspace);
  if (failures.length) throw together(failures);
  return loads;
}

/** What `sourced check` prints of each source; a source that cannot be opened is one line that says so. */
export async function checkSources(options: IngestOptions): Promise<Map<string, CheckLine[]>> {
  await ensureRawSchema(
    options.warehouse,
    connectors.map(({ name }) => name),
  );
  const checked = new Map<string, CheckLine[]>();
  for (const source of sourcesOf(options)) {
    const { connector, context } = contextOf(options, source);
    const failures: SourceError[] = [];
    const lines = await attempt(failures, () => connector.check(context));
    checked.set(
      source.name,
      lines ??
        failures.map(({ message, hint }) => ({
          subject: source.name,
          ok: false,
          detail: hint ? `${message}; ${hint}` : message,
        })),
    );
  }
  return checked;
}

async function landStream(
  { warehouse, clock = machineClock }: IngestOptions,
  { name, connector }: Source,
  reader: StreamReader,
): Promise<Load> {
  const extract = await reader.open();
  try {
    return await land(warehouse, extract, { source: name, connector, clock });
  } finally {
    await extract.dispose?.();
  }
}

function sourcesOf({ config, only }: IngestOptions): readonly Source[] {
  if (only === undefined) return config.sources;
  const found = config.sources.filter(({ name }) => name === only);
  if (found.length) return found;
  const names = config.sources.map(({ name }) => name);
  throw new UsageError(
    `there is no source ${only} in sourced.yaml`,
    `its sources are ${nearest(only, names) ?? names.join(', ')}`,
  );
}

function contextOf(
  { workspace, warehouse, world = machineWorld }: IngestOptions,
  source: Source,
): { connector: Connector; context: ConnectorContext<unknown> } {
  const connector = connectors.find(({ name }) => name === source.connector) as Connector | undefined;
  if (!connector) throw new Error(`no connector ${source.connector} is registered`);
  return { connector, context: { source: source.name, options: source, workspace, warehouse, world } };
}

/** Runs `work`; a source's failure is noted and gives nothing, a bug of ours goes on. */
async function attempt<Result>(failures: SourceError[], work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failures.push(error);
    return undefined;
  }
}

function together(failures: readonly SourceError[]): SourceError {
  const [first, ...others] = failures;
  if (!others.length) return first!;
  const hints = [...new Set(failures.flatMap(({ hint }) => hint ?? []))];
  return new SourceError(failures.map(({ message }) => message).join('\n'), {
    hint: hints.join('\n'),
    transient: failures.every(({ transient }) => transient),
  });
}

function totals(loads: readonly Load[]): Record<string, number> {
  const sum = (name: 'fetched' | 'accepted' | 'repeats' | 'quarantined') =>
    loads.reduce((total, load) => total + load[name], 0);
  return {
    fetched: sum('fetched'),
    accepted: sum('accepted'),
    repeats: sum('repeats'),
    quarantined: sum('quarantined'),
  };
}
