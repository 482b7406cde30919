// Syncs of an Airbyte server, started, joined, followed and cancelled; and final tables read from every kind of destination.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SourceError } from '../../core/errors.ts';
import { type StreamName, streamNames, streams } from '../../core/streams.ts';
import { checkSources, ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type AirbyteOptions, startAirbyte } from '../../sandbox/servers/airbyte.ts';
import { type Destination, directoryDestination, type SyncedStream } from '../../sandbox/servers/airbyte-tables.ts';
import { companyOf, createStore, readCompany, type Store } from '../../sandbox/servers/company.ts';
import { missingPostgres, type Postgres, startPostgres } from '../postgres.ts';
import { temporaryDirectory } from '../workspace.ts';
import { duckdbDestination, parquetDestination, postgresDestination } from './airbyte-destinations.ts';
import { stillWorld } from './world.ts';

const opened: Warehouse[] = [];
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const warehouse of opened) warehouse.close();
  for (const close of closing) await close();
});

const mapping = {
  accounts: { from: 'companies', columns: { account_id: 'id' } },
  deals: { from: 'opportunities', columns: { deal_id: 'id', amount: 'close_value' } },
};
const synced: readonly SyncedStream[] = [
  { name: 'companies', stream: 'accounts', sync_mode: 'full_refresh_overwrite', rename: { account_id: 'id' } },
  {
    name: 'opportunities',
    stream: 'deals',
    sync_mode: 'incremental_append',
    rename: { deal_id: 'id', amount: 'close_value' },
  },
];

function smallStore(): Store {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  return createStore(
    companyOf(
      {
        accounts: numbers.map((number) => ({
          account_id: `A-${number}`,
          name: `Ünïcode "${number}", Ltd`,
          country: 'DE',
        })),
        deals: numbers.map((number) => ({
          deal_id: `D-${number}`,
          account_id: `A-${number}`,
          created_at: `2026-01-${String(number).padStart(2, '0')}T10:00:00Z`,
          is_closed: 'false',
          is_won: 'false',
          amount: `${number}234567890123.45`,
          currency: 'USD',
        })),
      },
      '2026-01-30T00:00:00Z',
    ),
  );
}

/** A server, a workspace that reads it, and what came of it. */
async function place({
  destination,
  write,
  store = smallStore(),
  options = {},
  server: more = {},
  streams: streamOptions = mapping,
}: {
  destination: Readonly<Record<string, unknown>>;
  write: Destination;
  store?: Store;
  options?: Readonly<Record<string, unknown>>;
  server?: Partial<AirbyteOptions>;
  streams?: Readonly<Record<string, unknown>>;
}) {
  const world = stillWorld();
  const server = await startAirbyte({ store, streams: synced, destination: write, now: world.now, ...more });
  closing.push(server.close);
  const directory = temporaryDirectory();
  const workspace = { directory, state: join(directory, '.sourced'), loads: join(directory, '.sourced', 'loads') };
  mkdirSync(workspace.state);
  const warehouse = await openWarehouse(':memory:', { threads: 1 });
  opened.push(warehouse);
  const given = {
    config: {
      sources: [
        {
          name: 'lake',
          connector: 'airbyte_api',
          base_url: `${server.url}/api/public/v1`,
          client_id: 'client-sandbox',
          client_secret: 'secret-sandbox',
          connection: server.connection_id,
          sync: 'start',
          timeout_minutes: 60,
          destination,
          streams: streamOptions,
          ...options,
        },
      ],
    },
    workspace,
    warehouse,
    world,
    clock: () => new Date(world.now()).toISOString(),
  };
  return {
    server,
    store,
    world,
    warehouse,
    read: (): Promise<Load[]> => ingest(given),
    check: async () => (await checkSources(given)).get('lake')!,
    current: (stream: StreamName) => currentOf(warehouse, 'airbyte_api', stream),
  };
}

async function currentOf(warehouse: Warehouse, connector: string, stream: StreamName): Promise<Map<string, string>> {
  const values = streams[stream].columns.map(({ name }) => `'${name}', payload."${name}"`).join(', ');
  const rows = await warehouse.rows<{ record_key: string; payload: string }>(
    `SELECT record_key, json_object(${values})::VARCHAR AS payload FROM raw."${connector}_${stream}"
     WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded)`,
  );
  return new Map(rows.map(({ record_key, payload }) => [record_key, payload]));
}

async function refused(work: Promise<unknown>): Promise<SourceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

function lake(more: Partial<Parameters<typeof place>[0]> = {}) {
  const directory = join(temporaryDirectory(), 'lake');
  mkdirSync(directory);
  return place({
    destination: { type: 'directory', path: directory },
    write: directoryDestination(directory, 'jsonl'),
    ...more,
  });
}

// ---- destinations ----

let postgres: Postgres | undefined;
beforeAll(async () => {
  if (missingPostgres) return;
  postgres = await startPostgres('canary-password');
  closing.push(postgres.close);
});

const destinations: Readonly<Record<string, () => { destination: Record<string, unknown>; write: Destination }>> = {
  'JSON lines': () => inDirectory((path) => directoryDestination(path, 'jsonl')),
  CSV: () => inDirectory((path) => directoryDestination(path, 'csv')),
  Parquet: () => inDirectory(parquetDestination),
  'a DuckDB file': () => {
    const path = join(temporaryDirectory(), 'destination.duckdb');
    return { destination: { type: 'duckdb', path, schema: 'main' }, write: duckdbDestination(path) };
  },
  PostgreSQL: () => {
    const schema = `Crm ${Math.random()}`;
    return {
      destination: { type: 'postgres', url: postgres!.url, schema },
      write: postgresDestination(postgres!.url, schema),
    };
  },
};

function inDirectory(write: (path: string) => Destination) {
  const path = join(temporaryDirectory(), 'lake');
  mkdirSync(path);
  return { destination: { type: 'directory', path }, write: write(path) };
}

const skipped = (name: string) => name === 'PostgreSQL' && missingPostgres;

describe.each(Object.entries(destinations))('%s', (name, make) => {
  test.skipIf(skipped(name))(
    `rows, changes and deletes come through to the digit${skipped(name) ? ` (${missingPostgres})` : ''}`,
    async () => {
      const { read, current, store, world, warehouse } = await place(make());
      await read();
      expect(JSON.parse((await current('deals')).get('D-7')!)).toMatchObject({
        amount: '7234567890123.45',
        account_id: 'A-7',
        is_closed: 'false',
        currency: 'USD',
      });
      expect(Date.parse(JSON.parse((await current('deals')).get('D-7')!).created_at)).toBe(Date.UTC(2026, 0, 7, 10));
      expect(JSON.parse((await current('accounts')).get('A-3')!).name).toBe('Ünïcode "3", Ltd');
      const [{ other }] = (await warehouse.rows<{ other: string }>(
        `SELECT payload.other AS other FROM raw.airbyte_api_accounts LIMIT 1`,
      )) as [{ other: string }];
      expect(other).not.toContain('_airbyte_');

      world.advance(3_600_000);
      const changed = store.records('deals').find(({ key }) => key === 'D-7')!.row;
      store.apply({ kind: 'upsert', stream: 'deals', row: { ...changed, amount: '0.10' } }, world.now());
      store.apply({ kind: 'delete', stream: 'deals', key: 'D-8' }, world.now());
      store.apply({ kind: 'delete', stream: 'accounts', key: 'A-9' }, world.now());
      await read();
      expect(JSON.parse((await current('deals')).get('D-7')!).amount).toMatch(/^0\.10?$/);
      expect([...(await current('deals')).keys()]).not.toContain('D-8');
      expect((await current('accounts')).size).toBe(11);

      const loads = await read();
      expect(loads.filter(({ accepted }) => accepted > 0)).toEqual([]);
    },
  );
});

test.each([
  [
    'csv',
    [
      '_airbyte_ab_id,_airbyte_emitted_at,_airbyte_data',
      'x1,1767225600000,"{""id"": ""A-1"", ""name"": ""Acme, Inc""}"',
    ],
  ],
  [
    'jsonl',
    [
      '{"_airbyte_ab_id": "x1", "_airbyte_emitted_at": 1767225600000, "_airbyte_data": {"id": "A-1", "name": "Acme, Inc"}}',
    ],
  ],
])('records that are one document in a column are read too (%s)', async (format, lines) => {
  const directory = temporaryDirectory();
  const write: Destination = async () =>
    writeFileSync(join(directory, `_airbyte_raw_companies.${format}`), lines.map((line) => `${line}\n`).join(''));
  const { read, current } = await place({
    destination: { type: 'directory', path: directory },
    write,
    streams: { accounts: mapping.accounts },
  });
  await read();
  expect(JSON.parse((await current('accounts')).get('A-1')!)).toMatchObject({ name: 'Acme, Inc' });
});

// ---- what the columns of Airbyte say ----

test('only the last generation of a stream that is synced whole counts', async () => {
  const whole = synced.map((stream) => ({ ...stream, sync_mode: 'full_refresh_append' as const }));
  const { read, current, store, world, warehouse } = await lake({ server: { streams: whole } });
  await read();
  world.advance(60_000);
  store.apply({ kind: 'delete', stream: 'accounts', key: 'A-2' }, world.now());
  const loads = await read();
  expect((await current('accounts')).size).toBe(11);
  // The table holds both generations; the old one is not read again.
  expect(loads.find(({ stream, fetched }) => stream === 'accounts' && fetched > 0)?.fetched).toBe(11);
  const [open] = await warehouse.rows('SELECT 1 FROM raw.quarantine');
  expect(open).toBeUndefined();
});

test('a value that Airbyte could not write sends its record to quarantine, with the reason', async () => {
  let emptied: string | undefined;
  const { read, current, store, world, warehouse } = await lake({ server: { emptied: () => emptied } });
  await read();
  emptied = 'close_value';
  world.advance(2 * 3_600_000);
  const deal = store.records('deals').find(({ key }) => key === 'D-7')!.row;
  store.apply({ kind: 'upsert', stream: 'deals', row: { ...deal, amount: '9.00' } }, world.now());
  await read();
  expect(await warehouse.rows('SELECT record_id, reason, field FROM raw.quarantine')).toEqual([
    { record_id: 'D-7', reason: 'altered_upstream', field: 'amount' },
  ]);
  // The last good version stays.
  expect(JSON.parse((await current('deals')).get('D-7')!).amount).toBe('7234567890123.45');
});

test('an incremental stream is read from its mark on', async () => {
  const { read, store, world } = await lake();
  const fetched: number[] = [];
  for (const amount of ['1.00', '2.00', '3.00']) {
    world.advance(3 * 3_600_000);
    store.apply({ kind: 'upsert', stream: 'deals', row: { ...store.records('deals')[3]!.row, amount } }, world.now());
    const loads = await read();
    fetched.push(Math.max(...loads.filter(({ stream }) => stream === 'deals').map((load) => load.fetched)));
  }
  // All; then the rows of the hour before the mark (the first sync) and the news; then only those of the second sync and the news.
  expect(fetched).toEqual([12, 13, 2]);
});

test('records of another file format beside the tables stop it; a folder without the stream is named', async () => {
  const directory = join(temporaryDirectory(), 'lake');
  mkdirSync(join(directory, 'companies'), { recursive: true });
  const base = { destination: { type: 'directory', path: directory }, write: directoryDestination(directory, 'jsonl') };
  const { read } = await place({
    ...base,
    server: { streams: synced.slice(0, 1).concat({ ...synced[1]!, name: 'deals' }) },
  });
  const missing = await refused(read());
  expect(missing.message).toMatch(/does not sync opportunities/);
  writeFileSync(join(directory, 'companies', 'old.csv'), 'id\n1\n');
  const { read: again } = await place(base);
  expect((await refused(again())).message).toMatch(
    /files of several formats \(jsonl, csv\)|files of several formats \(csv, jsonl\)/,
  );
  expect(readdirSync(directory)).toContain('companies');
});

// ---- syncs ----

test('a sync that runs already is joined instead of started', async () => {
  const { read, server, current } = await lake({ server: { traps: new Set(['already_running']) } });
  await read();
  expect(server.jobs()).toHaveLength(1);
  expect((await current('deals')).size).toBe(12);
});

test('`sync: wait` starts nothing, waits for what runs, and reads nothing twice', async () => {
  const { read, server, current } = await lake({ options: { sync: 'wait' } });
  expect((await refused(read())).message).toMatch(/has never been synced/);
  await server.startJob('sync');
  await read();
  expect((await current('deals')).size).toBe(12);
  const loads = await read();
  expect(server.jobs()).toHaveLength(1);
  expect(loads.every(({ fetched }) => fetched === 0)).toBe(true);
});

test('a sync of ours that takes too long is cancelled, so that it holds up nobody', async () => {
  const { read, server } = await lake({ server: { sync_ms: 10 * 3_600_000 } });
  const error = await refused(read());
  expect(error.message).toMatch(/job 101 of Airbyte did not end within 60 minutes and was cancelled/);
  expect(error.transient).toBe(true);
  expect(server.jobs()).toEqual([{ id: 101, type: 'sync', status: 'cancelled' }]);
});

test("another's sync that takes too long is left alone", async () => {
  const { read, server } = await lake({ server: { sync_ms: 10 * 3_600_000, traps: new Set(['already_running']) } });
  expect((await refused(read())).message).toMatch(/did not end within 60 minutes$/);
  expect(server.jobs()).toEqual([{ id: 101, type: 'sync', status: 'running' }]);
});

test.each([
  ['job_fails', /sync job 101 failed/],
  ['job_cancelled', /sync job 101 was cancelled/],
  ['cleared', /cleared the tables/],
  ['tables_move', /another job of Airbyte works on the tables/],
])('%s ends the reading, and the next one recovers', async (trap, message) => {
  const { read, current } = await lake({ server: { traps: new Set([trap]) } });
  expect((await refused(read())).message).toMatch(message);
  await read();
  expect((await current('deals')).size).toBe(12);
});

test('a table that had rows and has none is an alert', async () => {
  const { read, server, store, current } = await lake({ options: { sync: 'wait' } });
  await server.startJob('sync');
  await read();
  for (const { key } of store.records('deals')) store.apply({ kind: 'delete', stream: 'deals', key }, 0);
  await server.startJob('clear');
  expect((await refused(read())).message).toMatch(/cleared the tables/);
  await server.startJob('sync');
  expect((await refused(read())).message).toMatch(/had 12 rows and now has none/);
  expect((await current('deals')).size).toBe(12);
});

test('a token that expires is renewed before it does', async () => {
  const { read, server, current } = await lake({ server: { traps: new Set(['short_token']), sync_ms: 300_000 } });
  await read();
  expect((await current('deals')).size).toBe(12);
  const asked = server.requests().filter(({ url }) => url.endsWith('/applications/token'));
  expect(asked.length).toBeGreaterThan(2);
  expect(server.requests().filter(({ status }) => status === 401)).toEqual([]);
});

// ---- what people are told ----

test('check names what is there: connection, last job, rows of each table', async () => {
  const { read, check } = await lake();
  await read();
  const lines = await check();
  expect(lines.every(({ ok }) => ok)).toBe(true);
  expect(lines.map(({ subject }) => subject)).toEqual(['connection', 'last job', 'accounts', 'deals']);
  expect(lines[1]!.detail).toBe('sync 101 succeeded, 24 rows');
  expect(lines[3]!.detail).toMatch(/opportunities, 12 rows, incremental append/);
});

test.each([
  ['a connection that is not there (a 400)', { connection: 'nobody' }, /there is no connection nobody on http/],
  ['a wrong secret', { client_secret: 'wrong-secret' }, /make an application in Airbyte/],
  ['half of the credentials', { client_secret: undefined }, /client_secret is missing/],
  ['a wrong address', { base_url: 'http://127.0.0.1:45999/v1' }, /connection is refused/],
])('%s is said with what mends it', async (_, options, message) => {
  const { check } = await lake({ options });
  const text = await check().then(
    (lines) => lines.map(({ detail }) => detail).join('\n'),
    (error: Error & { hint?: string }) => `${error.message} ${error.hint}`,
  );
  expect(text).toMatch(message);
  expect(text).not.toContain('wrong-secret');
});

test.skipIf(missingPostgres)(
  `PostgreSQL: what cannot be read is said without the password${missingPostgres ? ` (${missingPostgres})` : ''}`,
  async () => {
    const { url } = postgres!;
    const schema = 'empty';
    const write = postgresDestination(url, schema);
    const failures = [
      [
        { url, schema: 'nowhere' },
        /there is no table nowhere.companies \(there is none\)/,
        /check `destination.schema`/,
      ],
      [
        { url: url.replace('/postgres', '/nothing'), schema },
        /database "nothing" does not exist/,
        /check the database in `destination.url`/,
      ],
      [{ url: url.replace(/:\d+\//, ':9/'), schema }, /ECONNREFUSED/, /are host and port of `destination.url` right/],
    ] as const;
    for (const [target, message, todo] of failures) {
      const { read } = await place({ destination: { type: 'postgres', ...target }, write });
      const error = await refused(read());
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(todo);
      expect(`${error.message} ${error.hint}`).not.toContain('canary-password');
    }
  },
);

// ---- the same company ----

test('the same company through Airbyte and through files is the same, record for record', async () => {
  const directory = temporaryDirectory();
  generateCompany({ directory, size: { accounts: 60, partners: 12 } });
  const company = readCompany(directory);
  const all = streamNames.filter((stream) => company.rows(stream).length > 0);
  const { read, warehouse, current } = await lake({
    store: createStore(company),
    server: {
      streams: all.map((stream) => ({ name: `crm/${stream}`, stream, sync_mode: 'full_refresh_overwrite' })),
      prefix: 'sandbox_',
    },
    streams: Object.fromEntries(all.map((stream) => [stream, { from: `crm/${stream}` }])),
  });
  await read();
  const workspace = { directory, state: join(directory, '.sourced'), loads: join(directory, '.sourced', 'loads') };
  const files = await openWarehouse(':memory:');
  opened.push(files);
  await ingest({
    config: { sources: [{ name: 'lake', connector: 'files', directory: 'sheets' }] },
    workspace,
    warehouse: files,
  });
  for (const stream of all) {
    const [ours, theirs] = [await current(stream), await currentOf(files, 'files', stream)];
    // Copies that contradict each other are refused in files, where none is the later one.
    const [{ conflicts }] = (await files.rows<{ conflicts: string[] | null }>(
      `SELECT list(record_key)::JSON::VARCHAR AS conflicts FROM raw.quarantine WHERE stream = ? AND reason = 'conflicting_duplicate'`,
      [stream],
    )) as [{ conflicts: string[] | null }];
    for (const key of conflicts ? (JSON.parse(String(conflicts)) as string[]) : []) ours.delete(key);
    expect(Object.fromEntries(ours), stream).toEqual(Object.fromEntries(theirs));
  }
  const reasons = (from: Warehouse) =>
    from.rows(
      `SELECT stream, reason, record_id FROM raw.quarantine WHERE reason <> 'conflicting_duplicate' ORDER BY ALL`,
    );
  expect(await reasons(warehouse)).toEqual(await reasons(files));
});
