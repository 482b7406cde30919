// Salesforce through its sandbox server: the same records as from files, and what its API does to readers.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourceError } from '../../core/errors.ts';
import type { StreamName } from '../../core/streams.ts';
import { salesforce } from '../../ingest/connectors/salesforce.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type CompanyRow, companyOf, createStore, readCompany, type Store } from '../../sandbox/servers/company.ts';
import { startSalesforce } from '../../sandbox/servers/salesforce.ts';
import { type ObjectName, salesforceId } from '../../sandbox/servers/salesforce-ids.ts';
import { customFields, registrations } from '../salesforce-mapping.ts';
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
      ...customFields,
      touchpoints: { partner_id: 'Campaign.Partner__c', kind: 'Campaign.Kind__c' },
    },
    registrations,
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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
const idOf = (object: ObjectName, id: string) => salesforceId(object, id);

describe('as Salesforce behaves', () => {
  const accounts = Array.from({ length: 30 }, (_, index) => ({
    account_id: `A-${index}`,
    name: `Company ${index}`,
    created_at: iso(now - 2 * DAY),
  }));
  const deals = Array.from({ length: 12 }, (_, index) => ({
    deal_id: `D-${index}`,
    account_id: `A-${index}`,
    created_at: iso(now - 2 * DAY),
    stage: 'discovery',
    is_closed: 'false',
    is_won: 'false',
    amount: '1200.50',
    currency: 'USD',
    source_partner_id: 'P-1',
  }));
  let store: Store;
  let server: Awaited<ReturnType<typeof startSalesforce>>;
  let landing: VendorLanding;

  beforeEach(async () => {
    store = createStore(companyOf({ accounts, deals }, iso(now)));
    const clock = () => landing.world.now();
    server = await startSalesforce({ store, clientSecret, batchSize: 7, now: clock });
    landing = await VendorLanding.open({ now, sources: [sourceOf(server.url)] });
  });
  afterEach(async () => {
    await server.close();
    landing.close();
  });
  const found = (stream: StreamName) => landing.current('salesforce', stream);
  const put = (row: CompanyRow, at: number) => store.apply({ kind: 'upsert', stream: 'accounts', row }, at);

  test('a merged account means its survivor, also when Salesforce has purged it', async () => {
    await landing.load();
    store.apply({ kind: 'merge', stream: 'accounts', key: 'A-3', into: 'A-4' }, now + HOUR);
    landing.world.advance(2 * HOUR);
    await landing.load();
    const merged = { merged_into: idOf('Account', 'A-4') };
    expect((await found('accounts')).get(idOf('Account', 'A-3'))).toMatchObject(merged);
    landing.world.advance(40 * DAY);
    await landing.load();
    expect((await found('accounts')).get(idOf('Account', 'A-3'))).toMatchObject(merged);
    expect((await found('accounts')).size).toBe(30);
  });

  test('a deleted account is gone, also when it was purged before it was read', async () => {
    await landing.load();
    store.apply({ kind: 'delete', stream: 'accounts', key: 'A-3' }, now + HOUR);
    landing.world.advance(2 * HOUR);
    await landing.load();
    expect((await found('accounts')).has(idOf('Account', 'A-3'))).toBe(false);
    store.apply({ kind: 'delete', stream: 'accounts', key: 'A-5' }, now + 3 * HOUR);
    landing.world.advance(40 * DAY);
    await landing.load();
    expect((await found('accounts')).has(idOf('Account', 'A-5'))).toBe(false);
    expect((await found('accounts')).size).toBe(28);
  });

  test('a change that shows up late, with a stamp before what was read, is not missed', async () => {
    await landing.load();
    server.rearm(new Set(['late_stamps']));
    put({ ...accounts[0]!, name: 'Late Company' }, now + 60_000);
    landing.world.advance(5 * 60_000);
    await landing.load();
    expect((await found('accounts')).get(idOf('Account', 'A-0'))).toMatchObject({ name: 'Late Company' });
  });

  test('after a first reading only what changed is asked for', async () => {
    await landing.load();
    landing.world.advance(DAY);
    put({ ...accounts[0]!, name: 'Renamed' }, now + DAY - HOUR);
    const loads = await landing.load();
    expect(loads.filter(({ stream }) => stream === 'accounts').map(({ fetched }) => fetched)).toEqual([1]);
  });

  test('30 records with one stamp are read over five pages, each once, after a page that is gone too', async () => {
    server.rearm(new Set(['expired_locator']));
    await landing.load();
    expect((await found('accounts')).size).toBe(30);
    const urls = server.requests().map(({ url, status }) => `${status} ${decodeURIComponent(url)}`);
    expect(urls.some((url) => url.startsWith('400 '))).toBe(true);
    expect(urls.some((url) => /SystemModstamp = \S+ AND Id > '/.test(url))).toBe(true);
  });

  test('a bulk job that fails is said; the next reading is whole', async () => {
    landing.sources = [sourceOf(server.url, { bulk_above: 5 })];
    server.rearm(new Set(['bulk_failed']));
    await expect(landing.load()).rejects.toThrow(/bulk job ended Failed/);
    await landing.load();
    expect((await found('accounts')).size).toBe(30);
  });

  test("the day's requests: a share is left to others", async () => {
    await server.close();
    server = await startSalesforce({
      store,
      clientSecret,
      batchSize: 7,
      dailyLimit: 20,
      now: () => landing.world.now(),
    });
    landing.sources = [sourceOf(server.url, { max_api_share: 0.5 })];
    await expect(landing.load()).rejects.toThrow(/10 of the day's 20 requests are used/);
    expect(server.requests().filter(({ url }) => url.includes('/data/')).length).toBeLessThanOrEqual(10);
  });

  test("the day's requests are used up: stopped in words", async () => {
    server.rearm(new Set(['limit_reached']));
    const error = (await landing.load().catch((thrown: unknown) => thrown)) as SourceError;
    expect(error.hint).toMatch(/used up/);
  });

  test('a session that ends is begun anew', async () => {
    server.rearm(new Set(['expired_token']));
    await landing.load();
    expect((await found('accounts')).size).toBe(30);
    expect(server.requests().filter(({ url }) => url.includes('/oauth2/token'))).toHaveLength(2);
  });

  test('campaigns are off: the rest is read, and check says what is missing for it', async () => {
    server.rearm(new Set(['feature_off']));
    await landing.load();
    expect((await found('deals')).size).toBe(12);
    const lines = (await checkSources({ ...context(), world: landing.world })).get('crm')!;
    expect(lines.find(({ subject }) => subject === 'CampaignMember')!.detail).toMatch(/off.*marketing has no touches/);
    expect(lines.every(({ ok }) => ok)).toBe(true);
  });

  test('a field of sourced.yaml that is gone stops its object alone, with the key to look at', async () => {
    await landing.load();
    server.rearm(new Set(['missing_field']));
    store.apply({ kind: 'upsert', stream: 'deals', row: { ...deals[0]!, amount: '7.25' } }, now + HOUR);
    put({ ...accounts[0]!, name: 'Renamed' }, now + HOUR);
    landing.world.advance(2 * HOUR);
    const error = (await landing.load().catch((thrown: unknown) => thrown)) as SourceError;
    expect(error.message).toMatch(/Opportunity has no field Partner_Source__c/);
    expect(error.hint).toMatch(/fields\.deals\.source_partner_id/);
    expect((await found('accounts')).get(idOf('Account', 'A-0'))).toMatchObject({ name: 'Renamed' });
    server.rearm(new Set());
    await landing.load();
    expect((await found('deals')).get(idOf('Opportunity', 'D-0'))).toMatchObject({ amount: '7.25' });
    expect((await found('deals')).get(idOf('Opportunity', 'D-1'))).toMatchObject({ source_partner_id: 'P-1' });
  });

  test('a stage is entered once, however many lines of history its time has', async () => {
    const line = (stage: string, hours: number) => ({ deal_id: 'D-1', stage, entered_at: iso(now + hours * HOUR) });
    const add = (stage: string, hours: number) =>
      store.apply({ kind: 'upsert', stream: 'deal_stages', row: line(stage, hours) }, now + hours * HOUR);
    add('discovery', 0.2);
    add('discovery', 0.4); // the amount was changed
    landing.world.advance(HOUR);
    await landing.load();
    add('discovery', 1.5);
    add('proposal', 2);
    add('discovery', 3); // and back
    landing.world.advance(4 * HOUR);
    await landing.load();
    const entered = [...(await found('deal_stages')).values()].map(({ stage, entered_at }) => [
      stage,
      (Number(entered_at) - now) / HOUR,
    ]);
    expect(entered.sort(([, left], [, right]) => Number(left) - Number(right))).toEqual([
      ['discovery', 0.2],
      ['proposal', 2],
      ['discovery', 3],
    ]);
  });

  test('a wrong secret is refused with the line that mends it, and is never shown', async () => {
    landing.sources = [sourceOf(server.url, { client_secret: 'sf-wrong-canary' })];
    const error = (await landing.load().catch((thrown: unknown) => thrown)) as SourceError;
    expect(error.hint).toMatch(/client_id.*client_secret/);
    expect(`${error.stack}${error.hint}`).not.toContain('sf-wrong-canary');
  });

  function context() {
    const { workspace, warehouse, sources } = landing;
    return { config: { sources }, workspace, warehouse };
  }
});
