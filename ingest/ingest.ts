// Reads every source into the raw log, stream by stream. What was complete is kept when another stream fails.
import { setTimeout } from 'node:timers/promises';
import type { Config, Source } from '../core/config.ts';
import { SourceError, SourceErrors, UsageError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { failedLine } from './check.ts';
import type {
  ApiConnector,
  CheckLine,
  Connector,
  ConnectorContext,
  FileConnector,
  IngestWarehouse,
  IngestWorkspace,
  StreamReader,
  World,
} from './connector.ts';
import { currentGeneration } from './cursor.ts';
import { type Failure, failureOf, failuresByCause } from './failures.ts';
import { land } from './land.ts';
import type { LandedBatch } from './land-batch.ts';
import type { Load } from './load-log.ts';
import { writeMissingManifests } from './manifest.ts';
import { ensureRawSchema } from './raw-schema.ts';
import { readObject } from './read-object.ts';
import { connectors as registered } from './registry.ts';
import { isOfConnection } from './request-error.ts';
import { resync } from './resync.ts';
import { cleaned, secretsOf } from './secret.ts';

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
  /** Read everything of the source of this name anew, and put it in the place of what is known when it is complete. */
  readonly resync?: string | undefined;
  /** Default: all that are registered. */
  readonly connectors?: readonly Connector<never>[];
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
  await ensureRawSchema(warehouse, connectorsInUse(options));
  await writeMissingManifests(warehouse, workspace);
  const loads: Load[] = [];
  const failures: SourceError[] = [];
  for (const source of sourcesOf(options)) {
    const reading = { options, source, ...contextOf(options, source), loads, failures: [] };
    await withoutSecrets(reading, () => readSource(reading));
    failures.push(...reading.failures);
  }
  await writeMissingManifests(warehouse, workspace);
  if (failures.length) throw together(failures);
  return loads;
}

type SourceReading = {
  readonly options: IngestOptions;
  readonly source: Source;
  readonly connector: Connector<never>;
  readonly context: ConnectorContext<never>;
  /** Of all sources so far. */
  readonly loads: Load[];
  readonly failures: SourceError[];
};

async function readSource(reading: SourceReading): Promise<void> {
  const { connector } = reading;
  if ('streams' in connector) return readFiles(reading, connector);
  const read = reading.options.resync === reading.source.name ? readAnew : readApi;
  await reading.options.warehouse.frugally(() => read(reading, connector));
}

async function readFiles(
  { options, source, context, loads, failures }: SourceReading,
  connector: FileConnector<never>,
): Promise<void> {
  if (options.resync === source.name)
    throw new UsageError(`${source.name} reads files, which are read whole each time`, 'run without --resync');
  const note = (error: SourceError) => failures.push(error);
  const readers = await attempt(note, () => connector.streams(context));
  for (const reader of readers ?? []) {
    const load = await attempt(note, () => landStream(options, source, reader));
    if (load) loads.push(load);
    options.log?.(totals(loads));
  }
}

async function readApi(reading: SourceReading, connector: ApiConnector<never>): Promise<void> {
  const { source, context, loads, options } = reading;
  const place = { source: source.name, connector: connector.name };
  const generation = await currentGeneration(options.warehouse, place);
  const failures: Failure[] = [];
  const objects = await attempt(
    (error) => failures.push({ error }),
    () => connector.objects(context),
  );
  let has_read = false;
  for (const object of objects ?? []) {
    const is_read = await attempt(
      (error) => failures.push(isOfConnection(error, { has_read }) ? { error } : { error, object }),
      async () => {
        const at = { ...place, object: object.object, generation };
        await readObject({ ...objectReading(reading, object.object), object, place: at });
        return true;
      },
    );
    has_read ||= is_read === true;
    options.log?.(totals(loads));
    if (failures.some((failure) => !failure.object)) break; // the others would fail alike
  }
  reading.failures.push(...failuresByCause(source.name, failures));
}

async function readAnew(reading: SourceReading, connector: ApiConnector<never>): Promise<void> {
  const { source, context, loads, failures } = reading;
  const objects = await attempt(
    (error) => failures.push(failureOf(source.name, [], error)),
    () => connector.objects(context),
  );
  if (!objects) return;
  const swapped = await attempt(
    (error) => failures.push(error),
    () => resync({ ...objectReading(reading, 'everything'), source: source.name, connector, objects }),
  );
  loads.push(...(swapped ?? []));
}

/** What every reading of an object needs; `report` counts what was landed, and tells people how much so far and how fast. */
function objectReading({ options, source, context, loads }: SourceReading, object: string) {
  const { warehouse, workspace, clock = machineClock } = options;
  const started = context.world.now();
  let records = 0;
  return {
    warehouse,
    workspace,
    clock,
    world: context.world,
    report: (landed: LandedBatch) => {
      loads.push(...landed.loads);
      records += landed.fetched;
      const seconds = Math.max(0.001, (context.world.now() - started) / 1000);
      options.log?.({
        [`${source.name} ${object}`]: '',
        records,
        per_second: Math.round(records / seconds),
        ...totals(loads),
      });
    },
  };
}

function connectorsInUse({ config, connectors = registered }: IngestOptions): readonly Connector<never>[] {
  // The tables of `files` give every stream its type in the models, so they are always there.
  return connectors.filter(
    ({ name }) => name === 'files' || config.sources.some(({ connector }) => connector === name),
  );
}

/** Whatever goes wrong, in the source or in our code: no message carries a credential of the source. */
async function withoutSecrets(
  { connector, source, failures }: Pick<SourceReading, 'connector' | 'source' | 'failures'>,
  work: () => Promise<void>,
): Promise<void> {
  const secrets = secretsOf(connector.options, source);
  try {
    await work();
  } catch (error) {
    throw cleaned(error, secrets);
  }
  failures.splice(0, failures.length, ...failures.map((failure) => cleaned(failure, secrets)));
}

/** What `sourced check` prints of each source; a source that cannot be opened is one line that says so. */
export async function checkSources(options: IngestOptions): Promise<Map<string, CheckLine[]>> {
  await ensureRawSchema(options.warehouse, connectorsInUse(options));
  const checked = new Map<string, CheckLine[]>();
  const impatient = { ...options, world: { ...(options.world ?? machineWorld), attempts: 2 } };
  for (const source of sourcesOf(options)) {
    const { connector, context } = contextOf(impatient, source);
    const failures: SourceError[] = [];
    let lines: CheckLine[] | undefined;
    await withoutSecrets({ connector, source, failures }, async () => {
      lines = await attempt(
        (error) => failures.push(error),
        () => connector.check(context),
      );
    });
    checked.set(source.name, lines ?? failures.map((failure) => failedLine(source.name, failure)));
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

function sourcesOf({ config, resync, only = resync }: IngestOptions): readonly Source[] {
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
  { workspace, warehouse, world = machineWorld, connectors = registered }: IngestOptions,
  source: Source,
): { connector: Connector<never>; context: ConnectorContext<never> } {
  const connector = connectors.find(({ name }) => name === source.connector);
  if (!connector) throw new Error(`no connector ${source.connector} is registered`);
  const context = { source: source.name, options: source as never, workspace, warehouse, world };
  return { connector, context };
}

/** Runs `work`; a source's failure is noted and gives nothing, a bug of ours goes on. */
async function attempt<Result>(
  note: (error: SourceError) => void,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    note(error);
    return undefined;
  }
}

function together(failures: readonly SourceError[]): SourceError {
  return failures.length === 1 ? failures[0]! : new SourceErrors(failures);
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
