// Salesforce through its sandbox server: the same records as from files, and what its API does to readers.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamName } from '../../core/streams.ts';
import { salesforce } from '../../ingest/connectors/salesforce.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { createStore, readCompany } from '../../sandbox/servers/company.ts';
import { startSalesforce } from '../../sandbox/servers/salesforce.ts';
import { type ObjectName, salesforceId } from '../../sandbox/servers/salesforce-ids.ts';
import { temporaryDirectory } from '../workspace.ts';
import { type CanonicalRow, type SourceEntry, VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-11-02T06:00:00Z');
const clientSecret = 'sf_canary_secret';

function sourceOf(url: string, more: object = {}): SourceEntry {
  const options = salesforce.options.parse({
    base_url: url,
    client_id: 'sf-client',
    client_secret: clientSecret,
    fields: {
      accounts: { segment: 'Segment__c' },
      leads: {
        partner_id: 'Partner__c',
        account_id: 'Account__c',
        deal_id: 'Opportunity__c',
        first_response_at: 'First_Response__c',
      },
      deals: {
        source_partner_id: 'Partner_Source__c',
        reseller_partner_id: 'Reseller__c',
        product: 'Product__c',
        lead_created_at: 'Lead_Created__c',
      },
      touchpoints: { partner_id: 'Campaign.Partner__c', kind: 'Campaign.Kind__c' },
    },
    registrations: {
      object: 'Deal_Registration__c',
      fields: {
        partner_id: 'Partner__c',
        account_id: 'Account__c',
        domain: 'Domain__c',
        deal_id: 'Opportunity__c',
        submitted_at: 'Submitted__c',
        decided_at: 'Decided__c',
        status: 'Status__c',
        protection_ends_at: 'Protection_Ends__c',
      },
    },
    ...more,
  });
  return { name: 'crm', connector: 'salesforce', ...options };
}

/** A canonical row of the files as Salesforce can say it: its ids, its names of stages, closes as days. */
function asSalesforce(row: CanonicalRow): CanonicalRow {
  const objects: Readonly<Record<string, ObjectName>> = {
    account_id: 'Account',
    contact_id: 'Contact',
    deal_id: 'Opportunity',
    lead_id: 'Lead',
    registration_id: 'Deal_Registration__c',
  };
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null) return [name, value];
      if (objects[name]) return [name, salesforceId(objects[name], String(value))];
      if (name === 'merged_into')
        return [
          name,
          salesforceId('account_id' in row && !('contact_id' in row) ? 'Account' : 'Contact', String(value)),
        ];
      if (name === 'stage') return [name, { won: 'Closed Won', lost: 'Closed Lost' }[String(value)] ?? value];
      if (name === 'closed_at') return [name, startOfDay(Number(value))];
      return [name, value];
    }),
  );
}

function startOfDay(instant: number): number {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO('America/New_York').startOfDay()
    .epochMilliseconds;
}

const keyNames: Partial<Record<StreamName, readonly string[]>> = {
  deal_stages: ['deal_id', 'stage', 'entered_at'],
  deal_contacts: ['deal_id', 'contact_id'],
};
const rowsByKey = (stream: StreamName, rows: Iterable<CanonicalRow>) =>
  new Map(
    [...rows].map((row) => [(keyNames[stream] ?? [Object.keys(row)[0]!]).map((name) => row[name]).join('|'), row]),
  );

describe('the same company', () => {
  const directory = temporaryDirectory();
  let server: Awaited<ReturnType<typeof startSalesforce>>;
  let files: VendorLanding;
  let api: VendorLanding;
  let bulk: VendorLanding;

  beforeAll(async () => {
    generateCompany({ directory, size: { accounts: 120, partners: 20 } });
    server = await startSalesforce({
      store: createStore(readCompany(directory)),
      clientSecret,
      batchSize: 60,
      now: () => now,
    });
    files = await VendorLanding.open({
      now,
      sources: [{ name: 'crm', connector: 'files', directory: join(directory, 'sheets') }],
    });
    api = await VendorLanding.open({ now, sources: [sourceOf(server.url)] });
    bulk = await VendorLanding.open({ now, sources: [sourceOf(server.url, { bulk_above: 0 })] });
    await files.load();
    await api.load();
    await bulk.load();
  });
  afterAll(async () => {
    await server.close();
    for (const landing of [files, api, bulk]) landing.close();
  });

  test.each<StreamName>([
    'accounts',
    'contacts',
    'leads',
    'deals',
    'deal_stages',
    'deal_contacts',
    'deal_registrations',
  ])('gives equal %s through files and through the API', async (stream) => {
    const all = [...(await files.current('files', stream)).values()];
    const merged = new Set((await deals()).filter(({ merged_into }) => merged_into).map(({ deal_id }) => deal_id));
    // Opportunities cannot be merged in Salesforce: the duplicate is deleted.
    const expected = stream === 'deals' ? all.filter(({ deal_id }) => !merged.has(deal_id!)) : all;
    expect(expected.length).toBeGreaterThan(20);
    const found = rowsByKey(stream, (await api.current('salesforce', stream)).values());
    expect(found).toEqual(rowsByKey(stream, expected.map(asSalesforce)));
  });

  const deals = async () => [...(await files.current('files', 'deals')).values()];

  test('gives the responses of contacts to campaigns as touches of their day', async () => {
    const of = ({ touchpoint_id, contact_id, channel, partner_id, kind, campaign, occurred_at }: CanonicalRow) => ({
      contact_id,
      channel,
      partner_id,
      kind,
      campaign,
      day: startOfDay(Number(occurred_at)),
      touchpoint_id,
    });
    const all = [...(await files.current('files', 'touchpoints')).values()].filter(({ contact_id }) => contact_id);
    const expected = all.map((row) => ({
      ...of(asSalesforce(row)),
      touchpoint_id: salesforceId('CampaignMember', String(row.touchpoint_id)),
    }));
    const found = [...(await api.current('salesforce', 'touchpoints')).values()].map(of);
    const byId = (rows: { touchpoint_id: unknown }[]) => new Map(rows.map((row) => [row.touchpoint_id, row]));
    expect(expected.length).toBeGreaterThan(100);
    expect(byId(found)).toEqual(byId(expected));
  });

  test.each<StreamName>([
    'accounts',
    'contacts',
    'leads',
    'deals',
    'deal_stages',
    'deal_contacts',
    'deal_registrations',
    'touchpoints',
  ])('gives equal %s through the Bulk API', async (stream) => {
    expect(server.requests().some(({ url }) => url.includes('/jobs/query/'))).toBe(true);
    expect(await bulk.current('salesforce', stream)).toEqual(await api.current('salesforce', stream));
  });

  test('a record read by the Bulk API is the one of the REST API, but for the address of a parent', async () => {
    bulk.sources = [sourceOf(server.url)];
    await bulk.warehouse.run('DELETE FROM raw.cursor');
    const loads = await bulk.load();
    const added = new Map<string, number>();
    for (const { stream, accepted } of loads) added.set(stream, (added.get(stream) ?? 0) + accepted);
    expect(Object.fromEntries(added)).toMatchObject({
      accounts: 0,
      contacts: 0,
      deal_stages: 0,
      deal_contacts: 0,
      deal_registrations: 0,
    });
  });
});
