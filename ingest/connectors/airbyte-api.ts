// The `airbyte_api` connector: has an Airbyte server sync one of its connections, follows the job, and reads the final tables
// of the destination: files in a directory, a DuckDB file, or PostgreSQL.
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, SourceError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { type StreamName, streamNames } from '../../core/streams.ts';
import { address } from '../address.ts';
import type { Batch, Reading, RecordMapping, VendorObject } from '../api.ts';
import { checkOne } from '../check.ts';
import type { ApiConnector, CheckLine, ConnectorContext } from '../connector.ts';
import { secret } from '../secret.ts';
import {
  type AirbyteMapping,
  entriesOf,
  type Field,
  namedFields,
  presenceMapping,
  recordMapping,
  type StreamMapping,
  streamsOptions,
} from './airbyte/mapping.ts';
import { type AirbyteClient, airbyteClient, type Connection, type Job } from './airbyte-api/client.ts';
import type { Destination, Table } from './airbyte-api/destination.ts';
import { openDirectory } from './airbyte-api/directory.ts';
import { openDuckdbFile } from './airbyte-api/duckdb-file.ts';
import { openPostgres } from './airbyte-api/postgres.ts';
import {
  isHistory,
  isWhole,
  keyFields,
  keysKind,
  readTables,
  type SavedState,
  type SyncedTable,
} from './airbyte-api/reading.ts';
import { hasMoved, type Synced, type SyncOptions, syncedJob } from './airbyte-api/sync.ts';

const destination = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('directory'),
      path: z.string().min(1).describe('the directory with Parquet, CSV or JSON lines, from that of sourced.yaml'),
    }),
    z.strictObject({
      type: z.literal('duckdb'),
      path: z.string().min(1).describe('the DuckDB file, from the directory of sourced.yaml'),
      schema: z.string().min(1).default('main'),
    }),
    z.strictObject({
      type: z.literal('postgres'),
      url: secret('postgresql://user:password@host:5432/database of a user that may read the tables'),
      schema: z.string().min(1).default('public'),
    }),
  ])
  .describe('where the connection writes to, as Sourced reaches it');

const options = z.object({
  base_url: address()
    .default('https://api.airbyte.com/v1')
    .describe('the API: https://api.airbyte.com/v1, or <your server>/api/public/v1'),
  client_id: z.string().min(1).optional().describe('of an application in Airbyte: Settings, Applications'),
  client_secret: secret('of the same application').optional(),
  connection: z.string().min(1).describe('the id of the connection, from its address in Airbyte'),
  sync: z
    .enum(['start', 'wait'])
    .default('start')
    .describe('start a sync first, or only wait for one that runs and read what the last one brought'),
  timeout_minutes: z.number().positive().default(360).describe('a sync of ours that takes longer is cancelled'),
  destination,
  streams: streamsOptions(() => ({})),
});

export type AirbyteApiOptions = Omit<z.output<typeof options>, 'streams'> & {
  readonly streams: Readonly<Partial<Record<StreamName, AirbyteMapping | readonly AirbyteMapping[]>>>;
};
type Context = ConnectorContext<AirbyteApiOptions>;
type Entry = StreamMapping<AirbyteMapping>;

export const airbyteApi: ApiConnector<AirbyteApiOptions> = {
  name: 'airbyte_api',
  options,
  delivers: streamNames,

  async check(context) {
    const client = clientOf(context);
    const connection = await client.connection(context.options.connection);
    const [last] = await client.jobs(context.options.connection);
    const lines = [connectionLine(context, connection), jobLine(last)];
    return [...lines, ...(await tableLines(context, connection))];
  },

  /** The sync comes first: before it there may be no tables to look at. */
  async objects(context) {
    const client = clientOf(context);
    const connection = await client.connection(context.options.connection);
    const synced = await syncedJob(client, context.world, syncOptions(context));
    const destination = await open(context, connection);
    try {
      return [await objectOf(context, { client, connection, synced, destination })];
    } finally {
      await destination.close();
    }
  },
};

type Opened = {
  readonly client: AirbyteClient;
  readonly connection: Connection;
  readonly synced: Synced;
  readonly destination: Destination;
};

/** All tables of the connection are one object: one job made them, and they are read together. */
async function objectOf(context: Context, opened: Opened): Promise<VendorObject> {
  const { source, options } = context;
  const entries = entriesOf(options.streams);
  const streams = [...new Set(entries.map(({ from }) => from))];
  const tables: SyncedTable[] = [];
  const records: RecordMapping[] = [];
  for (const stream of streams) {
    const sync_mode = syncModeOf(source, opened.connection, stream);
    const table = await opened.destination.table(stream);
    const own = entries
      .filter(({ from }) => from === stream)
      .map((entry) => recordsOf(source, { entry, table, sync_mode }));
    tables.push({ stream, table, sync_mode, key_fields: keyFields(own.map(({ presence }) => presence)) });
    records.push(
      ...own.flatMap(({ mapping, presence }) => (isWhole(sync_mode) ? [mapping] : [mapping, presence.mapping])),
    );
  }
  return {
    object: 'connection',
    records,
    query: {
      connection: options.connection,
      tables: tables.map(({ stream, sync_mode, table }) => ({ stream, sync_mode, is_document: table.is_document })),
    },
    read: (reading) => read(context, opened, { tables, entries, reading }),
  };
}

function recordsOf(source: string, { entry, table, sync_mode }: { entry: Entry; table: Table; sync_mode: string }) {
  const mapping = recordMapping({
    source,
    entry,
    kind: entry.from,
    fields: fieldsOf(table, entry),
    envelope: { data: '$.data', changes: '$.meta.changes' },
    source_time: isHistory(sync_mode) ? '$.extracted_at' : undefined,
  });
  return { mapping, presence: presenceMapping(mapping, keysKind(entry.from)) };
}

/** The table's columns, and members of its nested ones that the mapping asks for. */
function fieldsOf({ fields, nested, is_document }: Table, entry: Entry): Field[] {
  if (is_document) return [];
  const members = namedFields(entry).filter((name) => !fields.includes(name) && nested.includes(name.split('.')[0]!));
  return [
    ...fields.map((name) => ({ name, path: [name] })),
    ...[...new Set(members)].map((name) => ({ name, path: name.split('.') })),
  ];
}

/** Opens the destination anew, so that what is read is of one moment after the sync. */
async function* read(
  context: Context,
  { client, connection, synced }: Opened,
  { tables, entries, reading }: { tables: readonly SyncedTable[]; entries: readonly Entry[]; reading: Reading },
): AsyncGenerator<Batch> {
  const destination = await open(context, connection);
  try {
    for (const { stream } of tables) await destination.table(stream);
    yield* readTables({
      source: context.source,
      destination,
      tables,
      entries,
      job: synced.job,
      saved: reading.state as SavedState | null,
      pages: reading.pages,
      now: reading.now,
      moved: () => hasMoved(client, syncOptions(context), synced),
    });
  } finally {
    await destination.close();
  }
}

function open({ source, options, workspace, warehouse }: Context, { prefix }: Connection): Promise<Destination> {
  const { destination } = options;
  const base = { source, prefix: prefix ?? '' };
  if (destination.type === 'postgres') return openPostgres({ ...base, ...destination });
  const folder = join(workspace.state, 'tmp');
  const path = resolve(workspace.directory, destination.path);
  if (destination.type === 'directory') return openDirectory(warehouse, { ...base, path, folder });
  return openDuckdbFile(warehouse, { ...base, path, folder, schema: destination.schema });
}

function clientOf({ source, options, world }: Context): AirbyteClient {
  const { base_url, client_id, client_secret } = options;
  if (!client_id !== !client_secret)
    throw new ConfigError(
      `${source}: ${client_id ? 'client_secret' : 'client_id'} is missing`,
      'an application in Airbyte has both; a server without sign-in needs neither',
    );
  return airbyteClient(world, source, { base_url, client_id, client_secret });
}

function syncOptions({ source, options }: Context): SyncOptions {
  const { connection, sync, timeout_minutes } = options;
  return { source, connection, sync, timeout_minutes };
}

/** How the connection syncs a stream; one that it does not sync has a table that grows old, or none. */
function syncModeOf(source: string, { connectionId, configurations }: Connection, stream: string): string {
  const synced = configurations.streams ?? [];
  const found = synced.find(({ name }) => name === stream);
  if (found) return found.syncMode ?? 'full_refresh_overwrite';
  const names = synced.map(({ name }) => name);
  const known = didYouMean(stream, names) || ` (it syncs ${names.join(', ') || 'nothing'})`;
  throw new SourceError(`${source}: connection ${connectionId} does not sync ${stream}${known}`, {
    hint: 'choose the stream in Airbyte, or change `from` of this source in sourced.yaml',
  });
}

// ---- checking ----

function connectionLine({ options }: Context, { name, status }: Connection): CheckLine {
  const what = `connection ${name ?? options.connection}`;
  if (status === undefined || status === 'active')
    return { subject: 'connection', ok: true, detail: `${what} is there` };
  return {
    subject: 'connection',
    ok: options.sync === 'wait',
    detail: `${what} is ${status}; enable it in Airbyte, or its tables grow old`,
  };
}

function jobLine(last: Job | undefined): CheckLine {
  if (!last) return { subject: 'last job', ok: true, detail: 'none yet; the first run starts one' };
  const { jobId, jobType, status, rowsSynced } = last;
  const rows = rowsSynced === undefined || rowsSynced === null ? '' : `, ${rowsSynced} rows`;
  return { subject: 'last job', ok: status !== 'failed', detail: `${jobType} ${jobId} ${status}${rows}` };
}

async function tableLines(context: Context, connection: Connection): Promise<CheckLine[]> {
  const { source, options } = context;
  const destination = await open(context, connection);
  const lines: CheckLine[] = [];
  try {
    for (const entry of entriesOf(options.streams))
      lines.push(await tableLine(source, { connection, destination, entry }));
  } finally {
    await destination.close();
  }
  return lines;
}

function tableLine(
  source: string,
  { connection, destination, entry }: { connection: Connection; destination: Destination; entry: Entry },
): Promise<CheckLine> {
  return checkOne(entry.stream, async () => {
    const sync_mode = syncModeOf(source, connection, entry.from);
    const table = await destination.table(entry.from);
    recordsOf(source, { entry, table, sync_mode });
    const { rows } = await destination.mark(entry.from);
    return `${table.origin}, ${rows} rows, ${sync_mode.replaceAll('_', ' ')}`;
  });
}
