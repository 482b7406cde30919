// The Airbyte protocol as sources break it: what must fail the reading, what must not, and which state is kept.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SourceError } from '../../core/errors.ts';
import { checkSources, ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';
import { catalog, connectorConfig, failure, globalState, log, record, state, status } from './airbyte-messages.ts';

const scripted = join(dirname(fileURLToPath(import.meta.url)), 'airbyte-scripted.ts');

type Script = Readonly<Record<string, readonly unknown[]>>;

/** A workspace with one scripted source. */
async function place() {
  const directory = temporaryDirectory();
  const workspace = { directory, state: join(directory, '.sourced'), loads: join(directory, '.sourced', 'loads') };
  const warehouse = await openWarehouse(':memory:', { threads: 1 });
  const source = (script: Script, more: Readonly<Record<string, unknown>> = {}) => ({
    name: 'crm',
    connector: 'airbyte_source',
    command: [process.execPath, scripted],
    arguments: [],
    environment: {},
    idle_minutes: 1,
    config: { script, ...(more.config as object) },
    streams: { accounts: { from: 'companies', columns: { account_id: 'id' }, ...(more.entry as object) } },
    ...(more.options as object),
  });
  const options = (script: Script, more?: Readonly<Record<string, unknown>>) => ({
    config: { sources: [source(script, more)] },
    workspace,
    warehouse,
  });
  return {
    workspace,
    warehouse,
    read: (script: Script, more?: Readonly<Record<string, unknown>>): Promise<Load[]> => ingest(options(script, more)),
    check: async (script: Script, more?: Readonly<Record<string, unknown>>) =>
      (await checkSources(options(script, more))).get('crm')!,
    async names(): Promise<string[]> {
      const rows = await warehouse.rows<{ name: string }>(
        `SELECT payload.name AS name FROM raw.airbyte_source_accounts
         WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded) ORDER BY name`,
      );
      return rows.map(({ name }) => name);
    },
    async cursor(): Promise<
      { streams?: Record<string, { stream: { stream_state: unknown } }>; global?: unknown } | undefined
    > {
      const [row] = await warehouse.rows<{ state: string }>('SELECT state::VARCHAR AS state FROM raw.cursor');
      return row && JSON.parse(row.state);
    },
    log: () => readFileSync(join(workspace.state, 'logs', 'airbyte-crm.log'), 'utf8'),
  };
}

const companies = { companies: { fields: ['id', 'name', 'updated_at'], is_incremental: true, key: 'id' } };
const discover = [catalog(companies)];
const wholeCatalog = [catalog({ companies: { fields: ['id', 'name'], key: 'id' } })];
const acme = record('companies', { id: 'A-1', name: 'Acme', updated_at: '2026-01-01' });
const bolt = record('companies', { id: 'A-2', name: 'Bolt', updated_at: '2026-01-02' });
const started = status('companies', 'STARTED');
const complete = status('companies', 'COMPLETE');

/** The message of the SourceError that `work` fails with. */
async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return (error as SourceError).message;
}

test('records, states and statuses of a good source are landed, and the next reading is given the state', async () => {
  const { read, names, cursor, log: logged } = await place();
  await read({ discover, read: [started, acme, bolt, state('companies', { updated_at: '2026-01-02' }, 2), complete] });
  expect(await names()).toEqual(['Acme', 'Bolt']);
  expect((await cursor())!.streams!.companies!.stream.stream_state).toEqual({ updated_at: '2026-01-02' });
  await read({ discover, read: [{ act: 'state' }, { act: 'catalog' }, started, complete] });
  expect(logged()).toMatch(/state \[.*"stream_state":\{"updated_at":"2026-01-02"\}/);
  expect(logged()).toMatch(/"sync_mode":"incremental","destination_sync_mode":"append_dedup".*"sync_id":2/);
  expect(await names()).toEqual(['Acme', 'Bolt']);
});

test('replayed records add nothing', async () => {
  const { read, warehouse } = await place();
  const good = { discover, read: [started, acme, bolt, state('companies', { updated_at: '2026-01-02' }, 2), complete] };
  await read(good);
  const loads = await read(good);
  expect(loads.map(({ accepted, repeats }) => ({ accepted, repeats }))).toEqual([{ accepted: 0, repeats: 2 }]);
  const versions = await warehouse.rows('SELECT 1 FROM raw.airbyte_source_accounts');
  expect(versions).toHaveLength(2);
});

test.each([
  ['a missing COMPLETE', [started, acme, state('companies', { c: 1 }, 1)], /without completing companies \(STARTED\)/],
  [
    'INCOMPLETE with status 0',
    [started, acme, status('companies', 'INCOMPLETE')],
    /without completing companies \(INCOMPLETE\)/,
  ],
  ['no status at all', [acme], /without completing companies \(never started\)/],
  ['a status other than 0', [started, acme, complete, { act: 'exit', value: 3 }], /ended with status 3/],
  [
    'an error with status 0',
    [started, acme, failure('the quota is used up', 'transient_error'), complete],
    /the quota is used up/,
  ],
  [
    'an error whose inner words are JSON',
    [started, failure('the API said no', 'config_error', '{"error":{"code":7,"message":"no such scope"}}')],
    /: the API said no: no such scope$/,
  ],
  [
    'a record of another stream',
    [started, record('people', { id: 1 }), complete],
    /a stream that it was not asked for, people/,
  ],
  [
    'a state of the wrong shape',
    [started, { type: 'STATE', state: { type: 'SOMETHING' } }, complete],
    /line 2 breaks the Airbyte protocol/,
  ],
])('%s fails the reading, and no state is saved', async (_, lines, message) => {
  const { read, cursor } = await place();
  expect(await refused(read({ discover, read: lines }))).toMatch(message);
  const saved = await cursor();
  // A state that the source vouched for before it failed may be kept; one after it may not.
  expect(saved === undefined || JSON.stringify(saved).includes('"c":1')).toBe(true);
});

test('a state before its records is not saved', async () => {
  const { read, cursor, names } = await place();
  const message = await refused(
    read({ discover, read: [started, state('companies', { c: 9 }, 2), acme, bolt, complete] }),
  );
  expect(message).toMatch(/counts 2 records of companies before its state, but 0 came/);
  expect(await cursor()).toBeUndefined();
  expect(await names()).toEqual([]);
});

test('a record that got lost on the way is noticed by the count', async () => {
  const { read, cursor } = await place();
  const message = await refused(read({ discover, read: [started, acme, state('companies', { c: 9 }, 2), complete] }));
  expect(message).toMatch(/counts 2 records of companies before its state, but 1 came/);
  expect(await cursor()).toBeUndefined();
});

test('a source killed in mid-read keeps what its last state covers, and goes on from there', async () => {
  const { read, cursor, names, log: logged } = await place();
  const half = '{"type":"RECORD","record":{"stream":"companies","da';
  const message = await refused(
    read({ discover, read: [started, acme, state('companies', { c: 1 }, 1), bolt, half, { act: 'kill' }] }),
  );
  expect(message).toMatch(/was ended by SIGKILL/);
  expect((await cursor())!.streams!.companies!.stream.stream_state).toEqual({ c: 1 });
  await read({ discover, read: [{ act: 'state' }, started, bolt, state('companies', { c: 2 }, 1), complete] });
  expect(logged()).toMatch(/state \[.*"stream_state":\{"c":1\}/);
  expect(await names()).toEqual(['Acme', 'Bolt']);
});

test('killed before the first state: nothing is kept', async () => {
  const { read, cursor, names } = await place();
  expect(await refused(read({ discover, read: [started, acme, { act: 'kill' }] }))).toMatch(/SIGKILL/);
  expect(await cursor()).toBeUndefined();
  expect(await names()).toEqual([]);
});

test('a silent source is ended', async () => {
  const { read } = await place();
  const begun = performance.now();
  const message = await refused(
    read({ discover, read: [started, { act: 'wait', value: 60_000 }] }, { options: { idle_minutes: 0.01 } }),
  );
  expect(message).toMatch(/was silent for/);
  expect(performance.now() - begun).toBeLessThan(20_000);
});

test('lines that are no message, and a flood on stderr, are log', async () => {
  const { read, names, log: logged } = await place();
  const odd = ['Downloading…', '{"half": ', '[1, 2]', '42', '', '{"type": "NEW_IN_VERSION_9"}'];
  await read({
    discover: [...odd, ...discover],
    read: [
      { act: 'stderr', value: 3_000_000 },
      ...odd,
      started,
      log('one'),
      acme,
      state('companies', {}, 1),
      complete,
      'bye',
    ],
  });
  expect(await names()).toEqual(['Acme']);
  expect(logged()).toContain('INFO one');
  expect(logged()).toContain('bye');
});

test('a line ends with a line feed and nothing else', async () => {
  const { read, names } = await place();
  const odd = `Line\u2028separator and\u2029paragraph`;
  const data = JSON.stringify(record('companies', { id: 'A-1', name: odd }));
  expect(data).toContain('\u2028');
  await read({ discover, read: [started, data, state('companies', {}, 1), complete] });
  expect(await names()).toEqual([odd]);
});

test('one state for all streams goes back as it came', async () => {
  const { read, log: logged } = await place();
  await read({ discover, read: [started, acme, bolt, globalState({ lsn: 77 }, 2), complete] });
  await read({ discover, read: [{ act: 'state' }, started, globalState({ lsn: 78 }, 0), complete] });
  expect(logged()).toMatch(/state \[\{.*"type":"GLOBAL".*"lsn":77/);
  expect(await refused(read({ discover, read: [started, acme, globalState({ lsn: 79 }, 2), complete] }))).toMatch(
    /counts 2 records of all streams before its state, but 1 came/,
  );
});

test('a state without a type is of the first kind there was', async () => {
  const { read, log: logged } = await place();
  await read({ discover, read: [started, acme, { type: 'STATE', state: { data: { cursor: 5 } } }, complete] });
  await read({ discover, read: [{ act: 'state' }, started, complete] });
  expect(logged()).toMatch(/state \[\{.*"data":\{"cursor":5\}/);
});

test('configuration that the source changes is kept, and gives way to a change in sourced.yaml', async () => {
  const { read, workspace, log: logged } = await place();
  const script = { discover, read: [started, acme, state('companies', {}, 1), complete] };
  const rotated = { script: { ...script, discover: [log('rotated'), ...discover] }, refresh_token: 'second-token' };
  await read(
    { ...script, read: [connectorConfig(rotated), ...script.read] },
    { config: { refresh_token: 'first-token' } },
  );
  const file = join(workspace.state, 'airbyte', 'crm.json');
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(logged()).not.toContain('rotated');
  // The same sourced.yaml: the source's own version counts.
  await read(
    { ...script, read: [connectorConfig(rotated), ...script.read] },
    { config: { refresh_token: 'first-token' } },
  );
  expect(logged()).toContain('rotated');
  const before = logged().length;
  await read(script, { config: { refresh_token: 'third-token' } });
  expect(logged().slice(before)).not.toContain('rotated');
});

test('a token that is rotated while the source is asked what it offers is kept, and stays out of the log', async () => {
  const { read, names, workspace, log: logged } = await place();
  const good = [started, acme, state('companies', {}, 1), complete];
  const rotated = { script: { discover, read: good }, refresh_token: 'canary-second' };
  await read(
    {
      discover: [connectorConfig(rotated), log('now canary-second'), ...discover],
      read: [failure('old', 'config_error')],
    },
    { config: { refresh_token: 'canary-first' } },
  );
  // `read` was given what `discover` left: the script of the rotated configuration.
  expect(await names()).toEqual(['Acme']);
  expect(readFileSync(join(workspace.state, 'airbyte', 'crm.json'), 'utf8')).toContain('canary-second');
  expect(logged()).not.toMatch(/canary/);
});

test('no secret reaches a log or an error, and the source sees no other secret of the environment', async () => {
  process.env.AIRBYTE_TEST_CANARY = 'canary-in-the-environment';
  const { read, log: logged, workspace } = await place();
  const token = 'canary-token-123';
  const lines = [
    { act: 'environment' },
    log(`signing in with ${token}`),
    `plain ${token}`,
    started,
    failure(`the token ${token} (${process.env.AIRBYTE_TEST_CANARY}) is not accepted`, 'config_error'),
  ];
  const config = { access_token: token, address: `x ${process.env.AIRBYTE_TEST_CANARY}` };
  const message = await refused(read({ discover, read: lines }, { config }));
  expect(message).toMatch(/the token .* is not accepted/);
  for (const text of [message, logged()]) expect(text).not.toMatch(/canary/);
  expect(logged()).toMatch(/environment .*PATH/);
  expect(logged()).not.toMatch(/AIRBYTE_TEST_CANARY/);
  // Files with the configuration are gone when the command has ended.
  const folder = join(workspace.state, 'tmp');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});

test('a stream that had records and returns none is an alert, unless it may be empty', async () => {
  const { read, names } = await place();
  const none = { discover: wholeCatalog, read: [started, complete] };
  await read({ discover: wholeCatalog, read: [started, acme, bolt, complete] });
  expect(await refused(read(none))).toMatch(/companies had records before and now returns none/);
  expect(await names()).toEqual(['Acme', 'Bolt']);
});

test('a stream that is read whole deletes what is gone, but not a fifth of it at once', async () => {
  const { read, names, log: logged } = await place();
  const many = Array.from({ length: 12 }, (_, index) => record('companies', { id: `A-${index}`, name: `N${index}` }));
  await read({ discover: wholeCatalog, read: [started, ...many, complete] });
  expect(await names()).toHaveLength(12);
  await read({ discover: wholeCatalog, read: [{ act: 'catalog' }, started, ...many.slice(1), complete] });
  expect(await names()).toHaveLength(11);
  expect(logged()).toMatch(
    /"destination_sync_mode":"overwrite".*"generation_id":2,"minimum_generation_id":2,"sync_id":2/,
  );
  expect(await refused(read({ discover: wholeCatalog, read: [started, ...many.slice(6), complete] }))).toMatch(
    /are gone/,
  );
  expect(await names()).toHaveLength(11);
});

test('a value that Airbyte emptied sends its record to quarantine; one that nobody asked for does not', async () => {
  const { read, names, warehouse } = await place();
  const meta = (field: string) => ({
    meta: { changes: [{ field, change: 'NULLED', reason: 'SOURCE_SERIALIZATION_ERROR' }] },
  });
  const many = Array.from({ length: 10 }, (_, index) => record('companies', { id: `B-${index}`, name: `N${index}` }));
  const lines = [
    record('companies', { id: 'A-1' }, meta('name')),
    record('companies', { id: 'A-2', name: 'Bolt' }, meta('phone')),
  ];
  await read({ discover, read: [started, ...many, ...lines, state('companies', {}, 12), complete] });
  expect(await names()).toContain('Bolt');
  const refusedRows = await warehouse.rows('SELECT record_id, reason, field FROM raw.quarantine');
  expect(refusedRows).toEqual([{ record_id: 'A-1', reason: 'altered_upstream', field: 'name' }]);
});

test('rows that change-data-capture marks as deleted become tombstones', async () => {
  const { read, names } = await place();
  const cdc = [
    catalog({ companies: { fields: ['id', 'name', '_ab_cdc_deleted_at'], is_incremental: true, key: 'id' } }),
  ];
  await read({ discover: cdc, read: [started, acme, bolt, state('companies', { c: 1 }, 2), complete] });
  const gone = record('companies', { id: 'A-1', _ab_cdc_deleted_at: '2026-01-03T00:00:00Z' });
  await read({ discover: cdc, read: [started, gone, state('companies', { c: 2 }, 1), complete] });
  expect(await names()).toEqual(['Bolt']);
});

test('check says FAILED although the source ends with 0, and names a field that is not there', async () => {
  const { check } = await place();
  const connected = { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } };
  const failed = { type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message: 'wrong key sesame-key' } };
  const denied = await check({ check: [failed], discover }, { config: { api_key: 'sesame-key' } });
  expect(denied.find(({ subject }) => subject === 'connection')).toMatchObject({ ok: false });
  expect(JSON.stringify(denied)).toContain('wrong key');
  expect(JSON.stringify(denied)).not.toContain('sesame');
  const good = await check({ check: [connected], discover });
  expect(good.map(({ ok }) => ok)).toEqual([true, true, true]);
  const lacking = await check({ check: [connected], discover: [catalog({ companies: { fields: ['id', 'nmae'] } })] });
  expect(lacking.at(-1)).toMatchObject({
    subject: 'accounts',
    ok: false,
    detail: expect.stringMatching(/did you mean `nmae`/),
  });
  const misspelt = await check({ check: [connected], discover }, { entry: { from: 'compnies' } });
  expect(misspelt.at(-1)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/no stream compnies; did you mean `companies`\?/),
  });
  const incomplete = await check({ check: [connected], discover }, { options: { arguments: ['--required', 'host'] } });
  expect(incomplete[0]).toMatchObject({ subject: 'spec', ok: false, detail: expect.stringMatching(/lacks host/) });
});

test('a program that is not there is named', async () => {
  const { read } = await place();
  expect(await refused(read({}, { options: { command: './no-such-source' } }))).toMatch(
    /crm: \.\/no-such-source cannot be run: there is no such program/,
  );
});
