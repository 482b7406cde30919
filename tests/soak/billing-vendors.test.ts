// The whole line over the same company: its billing once as spreadsheets, once read from Stripe and once from Chargebee. What the
// releases say of attribution, revenue and commissions is the same, to the minor unit.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { startChargebee } from '../../sandbox/servers/chargebee.ts';
import { createStore, readCompany } from '../../sandbox/servers/company.ts';
import { startStripe } from '../../sandbox/servers/stripe.ts';
import { billingStreams } from '../ingest/billing.ts';
import { currentRelease, runWorkspace, temporaryDirectory } from '../workspace.ts';

/** Columns of each table that must agree; the others tell of sources and of the order in which things were learned. */
const tables = {
  fct_deal_sourcing: 'deal_id, partner_id, rule, evidence_id, evidence_at, conflict_count',
  fct_deal_influence: 'deal_id, partner_id, touchpoint_count, first_touch_at, last_touch_at',
  fct_attribution_weight: '*',
  fct_deal_money: 'deal_id, basis, month, currency, amount_minor, reporting_amount_minor',
  fct_attribution_monthly: '*',
  fct_revenue_monthly: '*',
  fct_partner_revenue_monthly: '*',
  fct_commission_entry: 'partner_id, invoice_line_id, component, currency, entry_type, effective_date, amount_minor',
  fct_commission_liability: '*',
  fct_unlinked_money: 'basis, month, currency, amount_minor',
} as const;
const tableNames = Object.keys(tables) as (keyof typeof tables)[];

const size = process.env.SOURCED_TEST_SIZE === 'S' ? 'S' : { accounts: 260, partners: 16 };
const company = temporaryDirectory();
generateCompany({ directory: company, size });
const store = createStore(readCompany(company));
const stripe = await startStripe({ store });
const chargebee = await startChargebee({ store });
const key = { BILLING_KEY: 'sandbox_live_key' };

beforeAll(() => runWorkspace(company), 600_000);
afterAll(() => Promise.all([stripe.close(), chargebee.close()]));

/** The company with all but its billing in spreadsheets. */
function withBillingFrom(source: string): string {
  const directory = temporaryDirectory();
  for (const name of ['sourced.yaml', 'sheets', 'as_of.txt'])
    cpSync(join(company, name), join(directory, name), { recursive: true });
  for (const stream of billingStreams) rmSync(join(directory, 'sheets', `${stream}.csv`));
  const yaml = readFileSync(join(directory, 'sourced.yaml'), 'utf8');
  writeFileSync(join(directory, 'sourced.yaml'), yaml.replace(/^sources:\n/m, `sources:\n  - ${source}\n`));
  return directory;
}

/** Rows that are in one of the two releases only. */
async function differences(table: keyof typeof tables, release: string): Promise<string[]> {
  const database = await openWarehouse(':memory:');
  const read = (from: string) =>
    `(SELECT replace(to_json(row_read)::VARCHAR, '"billing:', '"sheets:') AS line
      FROM (SELECT ${tables[table]} FROM '${join(from, `${table}.parquet`)}') AS row_read)`;
  const rows = await database.rows<{ side: string; line: string }>(
    `SELECT 'sheets only' AS side, line FROM (FROM ${read(currentRelease(company))} EXCEPT ALL FROM ${read(release)})
     UNION ALL SELECT 'vendor only', line FROM (FROM ${read(release)} EXCEPT ALL FROM ${read(currentRelease(company))})
     ORDER BY line LIMIT 10`,
  );
  const [count] = await database.rows<{ count: bigint }>(
    `SELECT count(*) AS count FROM ${read(currentRelease(company))}`,
  );
  database.close();
  expect(count!.count, table).toBeGreaterThan(0n);
  return rows.map(({ side, line }) => `${side}: ${line}`);
}

describe.each([
  [
    'stripe',
    `{name: billing, connector: stripe, api_key: "\${BILLING_KEY}", base_url: "${stripe.url}", requests_per_second: 1000}`,
  ],
  [
    'chargebee',
    `{name: billing, connector: chargebee, site: sandbox, api_key: "\${BILLING_KEY}", base_url: "${chargebee.url}/api/v2", requests_per_minute: 10000}`,
  ],
])('billing read from %s', (_, source) => {
  let workspace: string;
  beforeAll(async () => {
    workspace = withBillingFrom(source);
    await runWorkspace(workspace, key);
  }, 600_000);

  test.each(tableNames)('%s is that of the sheets', async (table) => {
    expect(await differences(table, currentRelease(workspace))).toEqual([]);
  });
});
