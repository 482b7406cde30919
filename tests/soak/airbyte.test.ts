// The whole line over the same company: everything as spreadsheets, and its CRM from the tables of an Airbyte server, its billing
// from an Airbyte source. What the releases say of attribution, revenue and commissions is the same, to the minor unit.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StreamName } from '../../core/streams.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { startAirbyte } from '../../sandbox/servers/airbyte.ts';
import { directoryDestination } from '../../sandbox/servers/airbyte-tables.ts';
import { createStore, readCompany } from '../../sandbox/servers/company.ts';
import { billingStreams } from '../ingest/billing.ts';
import { expectSameTable, tableNames } from '../same-release.ts';
import { root, runWorkspace, temporaryDirectory } from '../workspace.ts';

const company = temporaryDirectory();
const workspace = temporaryDirectory();
generateCompany({ directory: company, size: { accounts: 120, partners: 12 } });
const held = readCompany(company);
const store = createStore(held);

/** Copies of one record that contradict each other are refused in files only: those streams stay there. */
function hasConflicts(stream: StreamName): boolean {
  const bodies = new Map<string, Set<string>>();
  for (const { key, row } of store.records(stream))
    bodies.set(key, (bodies.get(key) ?? new Set()).add(JSON.stringify(row)));
  return [...bodies.values()].some((copies) => copies.size > 1);
}

const crmStreams = (
  [
    'accounts',
    'contacts',
    'leads',
    'deals',
    'deal_stages',
    'deal_contacts',
    'deal_registrations',
    'touchpoints',
  ] as const
).filter((stream) => !hasConflicts(stream));
const ledStreams = billingStreams.filter((stream) => !hasConflicts(stream));

const lake = join(workspace, 'lake');
mkdirSync(lake);
const server = await startAirbyte({
  store,
  streams: crmStreams.map((stream) => ({ name: stream, stream, sync_mode: 'full_refresh_append' })),
  destination: directoryDestination(lake, 'jsonl'),
  sync_ms: 1,
});
afterAll(() => server.close());

function sources(): object[] {
  const of = (streams: readonly StreamName[]) =>
    Object.fromEntries(streams.map((stream) => [stream, { from: stream }]));
  return [
    {
      name: 'lake',
      connector: 'airbyte_api',
      base_url: `${server.url}/api/public/v1`,
      client_id: 'client-sandbox',
      client_secret: 'secret-sandbox',
      connection: server.connection_id,
      destination: { type: 'directory', path: './lake' },
      streams: of(crmStreams),
    },
    {
      name: 'billing',
      connector: 'airbyte_source',
      command: [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(root, 'tests', 'contract', 'vendor', 'airbyte-source.ts'),
      ],
      config: { file: join(workspace, 'billing.json') },
      streams: of(ledStreams),
    },
  ];
}

beforeAll(async () => {
  for (const name of ['sourced.yaml', 'sheets', 'as_of.txt'])
    cpSync(join(company, name), join(workspace, name), { recursive: true });
  for (const stream of [...crmStreams, ...ledStreams]) rmSync(join(workspace, 'sheets', `${stream}.csv`));
  const rows = (stream: StreamName) =>
    store.records(stream).map(({ row, updatedAt }) => ({ ...row, updated_at: updatedAt }));
  const streams = ledStreams.map((stream, index) => [stream, { is_incremental: index % 2 === 0, rows: rows(stream) }]);
  writeFileSync(join(workspace, 'billing.json'), JSON.stringify({ streams: Object.fromEntries(streams), traps: [] }));
  const yaml = readFileSync(join(workspace, 'sourced.yaml'), 'utf8');
  const added = sources().map((source) => `  - ${JSON.stringify(source)}\n`);
  writeFileSync(join(workspace, 'sourced.yaml'), yaml.replace(/^sources:\n/m, `sources:\n${added.join('')}`));
  await runWorkspace(company);
  await runWorkspace(workspace);
}, 600_000);

test('most streams come through Airbyte', () => {
  expect(crmStreams.length).toBeGreaterThanOrEqual(5);
  expect(ledStreams.length).toBeGreaterThanOrEqual(4);
});

test.each(tableNames)('%s is that of the sheets', (table) =>
  expectSameTable(table, { sheets: company, systems: workspace, sources: ['lake', 'billing'] }),
);
