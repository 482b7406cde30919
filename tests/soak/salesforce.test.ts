// The whole line over the same company: everything as spreadsheets, and its CRM from Salesforce, its partners from PartnerStack.
// What the releases say of attribution, revenue and commissions is the same, to the minor unit.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { type StreamName, streamNames, streams } from '../../core/streams.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type Company, createStore, readCompany } from '../../sandbox/servers/company.ts';
import { withCrmIds } from '../../sandbox/servers/crm-ids.ts';
import { startPartnerStack } from '../../sandbox/servers/partnerstack.ts';
import { startSalesforce } from '../../sandbox/servers/salesforce.ts';
import { type ObjectName, salesforceId } from '../../sandbox/servers/salesforce-ids.ts';
import { createCsv } from '../../sandbox/writers.ts';
import { customFields, registrations } from '../salesforce-mapping.ts';
import { expectSameTable, tableNames } from '../same-release.ts';
import { runWorkspace, temporaryDirectory } from '../workspace.ts';

const fromSalesforce: readonly StreamName[] = [
  'accounts',
  'contacts',
  'leads',
  'deals',
  'deal_stages',
  'deal_contacts',
  'deal_registrations',
];
const fromPartnerStack: readonly StreamName[] = ['partners', 'partner_agreements', 'payouts'];

const objects: Partial<Record<StreamName, ObjectName>> = {
  accounts: 'Account',
  contacts: 'Contact',
  deals: 'Opportunity',
  leads: 'Lead',
  deal_registrations: 'Deal_Registration__c',
};

const generated = temporaryDirectory();
generateCompany({ directory: generated, size: { accounts: 120, partners: 14 } });
// The company as one that has always had Salesforce: its ids stand in the spreadsheets too.
const company = withCrmIds(readCompany(generated), (stream, id) =>
  objects[stream] ? salesforceId(objects[stream], id) : id,
);
const store = createStore(company);
const salesforce = await startSalesforce({ store, clientSecret: 'sf-canary-secret' });
const partnerstack = await startPartnerStack({ store, secretKey: 'ps-canary-secret' });
afterAll(async () => {
  await salesforce.close();
  await partnerstack.close();
});

const sources = [
  {
    name: 'prm',
    connector: 'partnerstack',
    base_url: `${partnerstack.url}/api/v2`,
    public_key: 'pk_sandbox',
    secret_key: 'ps-canary-secret',
    time_zone: 'America/New_York',
    streams: fromPartnerStack,
    groups: {
      referral: { motion: 'referral' },
      'co-sell': { motion: 'co_sell' },
      reseller: { motion: 'reseller' },
      'referral-premier': { motion: 'referral', plan: 'referral-premier' },
      'referral-emea': { motion: 'referral', plan: 'referral-emea' },
      'co-sell-emea': { motion: 'co_sell', plan: 'co-sell-emea' },
    },
    fields: {
      partners: { status: 'programme_status', ended_at: 'ended_on', domain: 'website', currency: 'payout_currency' },
      partner_agreements: { starts_on: 'agreement_starts_on', ends_on: 'agreement_ends_on' },
    },
  },
  {
    name: 'crm',
    connector: 'salesforce',
    base_url: salesforce.url,
    client_id: 'sf-client',
    client_secret: 'sf-canary-secret',
    streams: fromSalesforce,
    // The close of an opportunity is a day; this company keeps the moment in a field of its own.
    fields: { ...customFields, deals: { ...customFields.deals, closed_at: 'Closed_At__c' } },
    registrations,
  },
];

const sheetsOnly = workspaceOf(company, []);
const withVendors = workspaceOf(company, [...fromSalesforce, ...fromPartnerStack]);

/** A workspace with the spreadsheets of all streams but some, which the vendors deliver. */
function workspaceOf({ rows }: Company, delivered: readonly StreamName[]): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'sheets'));
  for (const stream of streamNames.filter((name) => !delivered.includes(name))) {
    const file = createCsv(
      join(directory, 'sheets', `${stream}.csv`),
      streams[stream].columns.map(({ name }) => name),
    );
    for (const row of rows(stream)) file.write(row);
    file.close();
  }
  const yaml = readFileSync(join(generated, 'sourced.yaml'), 'utf8');
  const added = delivered.length ? sources.map((source) => `  - ${JSON.stringify(source)}\n`).join('') : '';
  writeFileSync(join(directory, 'sourced.yaml'), yaml.replace(/^sources:\n/m, `sources:\n${added}`));
  copyFileSync(join(generated, 'as_of.txt'), join(directory, 'as_of.txt'));
  return directory;
}

beforeAll(async () => {
  await runWorkspace(sheetsOnly);
  await runWorkspace(withVendors);
}, 600_000);

test.each(tableNames)('%s is that of the sheets', (table) =>
  expectSameTable(table, { sheets: sheetsOnly, systems: withVendors, sources: ['crm', 'prm'] }),
);
