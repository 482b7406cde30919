// The sandbox company through the whole line, as spreadsheets, under merges, and through the APIs of its systems: each release must
// say what the generator knows because it made it so.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { numericId } from '../../sandbox/servers/crm-ids.ts';
import { startVendors, vendorCompany, vendorSecrets, writeVendorWorkspace } from '../../sandbox/vendors.ts';
import { withDoubles } from '../doubles.ts';
import { ranSandbox } from '../made.ts';
import { readSheets, replaceSheets } from '../sheets.ts';
import { currentRelease, runWorkspace, temporaryDirectory } from '../workspace.ts';

type Published = { readonly workspace: string; readonly truth: string };

type Way = {
  readonly name: string;
  /** Makes the company and publishes it. */
  publish(): Promise<Published>;
};

const ways: readonly Way[] = [
  {
    name: 'as spreadsheets',
    async publish() {
      const workspace = await ranSandbox();
      return { workspace, truth: join(workspace, 'truth') };
    },
  },
  {
    name: 'under merges', // every account and deal is the survivor of two others
    async publish() {
      const workspace = temporaryDirectory();
      generateCompany({ directory: workspace, size: 'S' });
      replaceSheets(workspace, withDoubles(readSheets(workspace), { accounts: 1, deals: 1 }));
      await runWorkspace(workspace);
      return { workspace, truth: join(workspace, 'truth') };
    },
  },
  {
    name: 'through HubSpot, Stripe, PartnerStack, Crossbeam and spreadsheets',
    async publish() {
      const workspace = temporaryDirectory();
      generateCompany({ directory: join(workspace, 'company'), size: 'S' });
      const company = vendorCompany(join(workspace, 'company'));
      const vendors = await startVendors({ company, now: Date.now });
      try {
        writeVendorWorkspace(workspace, { company, urls: vendors.urls });
        await runWorkspace(workspace, vendorSecrets);
      } finally {
        await vendors.close();
      }
      return { workspace, truth: numericTruth(join(workspace, 'company', 'truth'), join(workspace, 'truth')) };
    },
  },
];

/** The workspaces of the ways, once they are published. */
const published: string[] = [];

/** The truth with the ids that HubSpot gives. */
function numericTruth(from: string, to: string): string {
  mkdirSync(to);
  for (const name of [
    'deal_sourcing',
    'revenue_monthly',
    'partner_revenue_monthly',
    'commission_monthly',
    'commission',
    'quarantine',
  ]) {
    const text = readFileSync(join(from, `${name}.csv`), 'utf8');
    writeFileSync(join(to, `${name}.csv`), text.replaceAll(/(?<=^|,|sheets:)[ACDLRT]-[A-Z]*\d+(?=,|$)/gm, numericId));
  }
  return to;
}

/** A canonical id without its source, and of a key with several parts the first: sources have other names in either company. */
function native(column: string): string {
  return `split_part(regexp_replace(${column}, '^(sheets|prm|crm|billing|mapping):', ''), '|', 1) AS ${column}`;
}

function notAllZero(columns: readonly string[]): string {
  const amounts = columns.filter((column) => column.endsWith('_minor'));
  return amounts.length === 0 ? 'true' : amounts.map((column) => `${column}::BIGINT <> 0`).join(' OR ');
}

describe.each(ways)('the release says what is true of the company $name', ({ publish }) => {
  let workspace: string;
  let truthDirectory: string;
  let database: Awaited<ReturnType<typeof openWarehouse>>;

  beforeAll(async () => {
    ({ workspace, truth: truthDirectory } = await publish());
    published.push(workspace);
    database = await openWarehouse(':memory:');
  });

  afterAll(() => database?.close());

  /** Rows that only the truth or only the release has, at most ten, as JSON. `{name}` in the SQL is that table of the release. */
  async function differences(truth: string, columns: string, release: string): Promise<string[]> {
    const file = join(truthDirectory, `${truth}.csv`);
    const header = readFileSync(file, 'utf8').split('\n', 1)[0]!.split(',');
    const wanted = columns.split(', ');
    expect(header).toEqual(expect.arrayContaining(wanted));
    const typed = wanted.map((column) =>
      column.endsWith('_minor') ? `${column}::BIGINT AS ${column}` : native(column),
    );
    const given = wanted.map((column) => (column.endsWith('_minor') ? column : native(column)));
    const query = release.replaceAll(/\{(\w+)\}/g, (_, table) => `'${join(currentRelease(workspace), table)}.parquet'`);
    const rows = await database.rows<{ side: string; line: string }>(`
      WITH wanted AS (
        SELECT ${typed.join(', ')} FROM read_csv('${file}', all_varchar := true) WHERE ${notAllZero(wanted)}
      ), given AS (SELECT ${given.join(', ')} FROM (${query}) WHERE ${notAllZero(wanted)})
      SELECT 'only in truth' AS side, to_json(row)::VARCHAR AS line FROM (FROM wanted EXCEPT ALL FROM given) AS row
      UNION ALL
      SELECT 'only in release', to_json(row)::VARCHAR FROM (FROM given EXCEPT ALL FROM wanted) AS row
      ORDER BY line LIMIT 10`);
    return rows.map(({ side, line }) => `${side} ${line}`);
  }

  test('who sourced each deal, by which rule and evidence', async () =>
    expect(
      await differences(
        'deal_sourcing',
        'deal_id, partner_id, rule, evidence_id',
        'SELECT deal_id, partner_id, rule, evidence_id FROM {fct_deal_sourcing}',
      ),
    ).toEqual([]));

  test('revenue by month, basis and currency: total, sourced, influenced, involved, unlinked', async () =>
    expect(
      await differences(
        'revenue_monthly',
        'month, basis, currency, total_minor, sourced_minor, influenced_distinct_minor, partner_involved_minor, unlinked_minor, reporting_total_minor, reporting_sourced_minor',
        `SELECT * REPLACE (month::VARCHAR AS month) FROM {fct_revenue_monthly} WHERE basis <> 'pipeline'`,
      ),
    ).toEqual([]));

  test("each partner's sourced revenue by month", async () =>
    expect(
      await differences(
        'partner_revenue_monthly',
        'partner_id, month, basis, currency, sourced_minor, reporting_sourced_minor',
        `SELECT * REPLACE (month::VARCHAR AS month) FROM {fct_partner_revenue_monthly} WHERE basis <> 'pipeline'`,
      ),
    ).toEqual([]));

  test('what each partner earned, gave back and was paid, by month', async () =>
    expect(
      await differences(
        'commission_monthly',
        'partner_id, currency, month, accrued_minor, clawed_back_minor, paid_minor',
        'SELECT * REPLACE (month::VARCHAR AS month) FROM {fct_commission_liability}',
      ),
    ).toEqual([]));

  test('what is owed at the business clock', async () =>
    expect(
      await differences(
        'commission',
        'partner_id, currency, accrued_minor, clawed_back_minor, paid_minor, closing_minor',
        `SELECT partner_id, currency, sum(accrued_minor)::BIGINT AS accrued_minor,
           sum(clawed_back_minor)::BIGINT AS clawed_back_minor, sum(paid_minor)::BIGINT AS paid_minor,
           arg_max(closing_minor, month) AS closing_minor
         FROM {fct_commission_liability} GROUP BY ALL`,
      ),
    ).toEqual([]));

  test('which records are refused', async () =>
    expect(
      await differences('quarantine', 'stream, record_id', 'SELECT stream, record_id FROM {audit_quarantine}'),
    ).toEqual([]));

  // These are views of many rows: a test in every run would build them twice.
  test.each([
    ['lineage_record', 'record_key'],
    ['lineage_edge', 'figure_kind, figure_id, target_kind, target_id, role'],
    ['fct_touchpoint', 'deal_id, touchpoint_id'],
    ['fct_line_movement', 'line_id, basis, event_kind, event_id'],
  ])('%s has one row for each %s', async (table, key) => {
    const file = join(currentRelease(workspace), `${table}.parquet`);
    const repeated = `SELECT ${key} FROM '${file}' GROUP BY ALL HAVING count(*) > 1`;
    expect(await database.rows(`SELECT count(*) AS rows FROM '${file}'`)).not.toEqual([{ rows: 0n }]);
    expect(await database.rows(repeated)).toEqual([]);
  });
});

/** Ids without source and without the letter that a sheet's id has. */
function bare(column: string): string {
  return `regexp_replace(split_part(regexp_replace(${column}, '^(sheets|prm|crm|billing|mapping):', ''), '|', 1), '^[ACD]-', '') AS ${column}`;
}

describe.each(ways.slice(1))('the release is the same $name', (way) => {
  const compared: readonly (readonly [table: string, ids: readonly string[]])[] = [
    ['fct_attribution_weight', ['deal_id', 'party_id']],
    ['fct_attribution_monthly', ['party_id']],
    ['fct_deal_influence', ['deal_id', 'partner_id']],
    ['fct_deal_money', ['deal_id']],
    ['fct_revenue_monthly', []],
    ['fct_commission_liability', ['partner_id']],
  ];

  test.each(compared)('%s', async (table, ids) => {
    const database = await openWarehouse(':memory:');
    const replaced = ids.map(bare).join(', ');
    const rowsOf = (workspace: string) =>
      `(SELECT * ${replaced && `REPLACE (${replaced})`} FROM '${join(currentRelease(workspace), table)}.parquet')`;
    const [plain, other] = [rowsOf(published[0]!), rowsOf(published[ways.indexOf(way)]!)];
    const rows = await database.rows<{ side: string; line: string }>(`
      SELECT 'only as spreadsheets' AS side, to_json(row)::VARCHAR AS line FROM (FROM ${plain} EXCEPT ALL FROM ${other}) AS row
      UNION ALL SELECT 'only here', to_json(row)::VARCHAR FROM (FROM ${other} EXCEPT ALL FROM ${plain}) AS row
      ORDER BY line LIMIT 10`);
    const [counted] = await database.rows<{ count: bigint }>(`SELECT count(*) AS count FROM ${plain}`);
    database.close();
    expect(rows).toEqual([]);
    expect(counted!.count).toBeGreaterThan(0n);
  });
});
