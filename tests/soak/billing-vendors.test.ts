// The whole line over the same company: its billing once as spreadsheets, once read from Stripe and once from Chargebee. What the
// releases say of attribution, revenue and commissions is the same, to the minor unit.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { generateCompany } from '../../sandbox/generate.ts';
import { startChargebee } from '../../sandbox/servers/chargebee.ts';
import { createStore, readCompany } from '../../sandbox/servers/company.ts';
import { startStripe } from '../../sandbox/servers/stripe.ts';
import { billingStreams } from '../ingest/billing.ts';
import { expectSameTable, tableNames } from '../same-release.ts';
import { runWorkspace, temporaryDirectory } from '../workspace.ts';

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
    await expectSameTable(table, { sheets: company, systems: workspace, sources: ['billing'] });
  });
});
