// Salesforce through its sandbox server: the same records as from files, and what its API does to readers.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourceError } from '../../core/errors.ts';
import type { StreamName } from '../../core/streams.ts';
import { delivers } from '../../ingest/connectors/salesforce/options.ts';
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
const partner_roles = { partner_id: 'AccountTo.Partner_Key__c' };

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
      hasPartners: true,
      now: () => now,
    });
    files = await VendorLanding.open({
      now,
      sources: [{ name: 'crm', connector: 'files', directory: join(directory, 'sheets') }],
    });
    api = await VendorLanding.open({ now, sources: [sourceOf(server.url, { partner_roles })] });
    bulk = await VendorLanding.open({ now, sources: [sourceOf(server.url, { partner_roles, bulk_above: 0 })] });
    await files.load();
    await api.load();
    await bulk.load();
  });
  afterAll(async () => {
    await server.close();
    for (const landing of [files, api, bulk]) landing.close();
  });

  test.each(delivers.filter((stream) => stream !== 'touchpoints'))(
    'gives equal %s through files and through the API',
    async (stream) => {
      const all = [...(await files.current('files', stream)).values()];
      const merged = new Set((await deals()).filter(({ merged_into }) => merged_into).map(({ deal_id }) => deal_id));
      // Opportunities cannot be merged in Salesforce: the duplicate is deleted.
      const expected = stream === 'deals' ? all.filter(({ deal_id }) => !merged.has(deal_id!)) : all;
      expect(expected.length).toBeGreaterThan(20);
      // An organization that names partners on opportunities has an account for each of them.
      const rows = [...(await api.current('salesforce', stream)).values()];
      const found = rowsByKey(
        stream,
        rows.filter(({ name }) => !/^Partner P-\d+$/.test(String(name))),
      );
      expect(found).toEqual(rowsByKey(stream, expected.map(asSalesforce)));
    },
  );

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
    const found = [...(await api.current('salesforce', 'touchpoints')).values()]
      .filter(({ contact_id }) => contact_id)
      .map(of);
    const byId = (rows: { touchpoint_id: unknown }[]) => new Map(rows.map((row) => [row.touchpoint_id, row]));
    expect(expected.length).toBeGreaterThan(100);
    expect(byId(found)).toEqual(byId(expected));
  });

  test('gives the partners that were named on opportunities as touches of the deal, with their role', async () => {
    const of = ({ touchpoint_id, occurred_at, deal_id, partner_id, channel, kind }: CanonicalRow) => ({
      touchpoint_id,
      occurred_at,
      deal_id,
      partner_id,
      channel,
      kind,
    });
    const all = [...(await files.current('files', 'touchpoints')).values()];
    const expected = all
      .filter(({ contact_id, deal_id, channel }) => !contact_id && deal_id && channel === 'partner')
      .map((row) => ({
        ...of(row),
        touchpoint_id: salesforceId('OpportunityPartner', String(row.touchpoint_id)),
        deal_id: salesforceId('Opportunity', String(row.deal_id)),
      }));
    const rows = [...(await api.current('salesforce', 'touchpoints')).values()];
    const found = rows.filter(({ contact_id }) => !contact_id).map(of);
    const byId = (list: { touchpoint_id: unknown }[]) => new Map(list.map((row) => [row.touchpoint_id, row]));
    expect(expected.length).toBeGreaterThan(10);
    expect(byId(found)).toEqual(byId(expected));
  });

  test.each(delivers)('gives equal %s through the Bulk API', async (stream) => {
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

  test.each([2_000, 0])(
    'the partner of a deal can stand on its campaign (bulk above %i records)',
    async (bulk_above) => {
      const touch = {
        deal_id: 'D-3',
        channel: 'event',
        kind: 'event_met',
        campaign: 'Summit',
        occurred_at: iso(now - DAY),
      };
      const row = { ...touch, touchpoint_id: 'T-1', partner_id: 'P-7' };
      store.apply({ kind: 'upsert', stream: 'touchpoints', row }, now - DAY);
      const fields = { deals: { source_partner_id: 'Campaign.Partner__c' } };
      landing.sources = [sourceOf(server.url, { fields, bulk_above })];
      await landing.load();
      const partners = [...(await found('deals'))].map(([id, { source_partner_id }]) => [id, source_partner_id]);
      expect(partners).toHaveLength(12);
      expect(partners.filter(([, partner]) => partner !== null)).toEqual([[idOf('Opportunity', 'D-3'), 'P-7']]);
    },
  );

  test('a bulk job that Salesforce forgot while nobody read it is begun anew', async () => {
    await landing.load();
    put({ ...accounts[3]!, name: 'Renamed' }, now + HOUR);
    landing.world.advance(8 * DAY);
    const state = { since: now, progress: { window: { from: now - DAY, to: now + 2 * HOUR }, job: { id: '750gone' } } };
    await landing.warehouse.run(`UPDATE raw.cursor SET state = ?::JSON WHERE object = 'Account'`, [
      JSON.stringify(state),
    ]);
    await landing.load();
    expect((await found('accounts')).get(idOf('Account', 'A-3'))).toMatchObject({ name: 'Renamed' });
    expect(server.requests().find(({ url }) => url.includes('750gone'))).toMatchObject({ status: 404 });
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
    expect(lines.find(({ subject }) => subject === 'CampaignMember')!.detail).toMatch(
      /off.*: these touches are missing/,
    );
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

  describe('partners of opportunities', () => {
    const named = (number: number, more: CompanyRow = {}): CompanyRow => ({
      touchpoint_id: `T-${number}`,
      occurred_at: iso(now - DAY + number * HOUR),
      deal_id: `D-${number}`,
      partner_id: 'P-1',
      channel: 'partner',
      kind: 'var_reseller',
      ...more,
    });
    const name = (row: CompanyRow, at: number) => store.apply({ kind: 'upsert', stream: 'touchpoints', row }, at);
    const touchOf = async (number: number) =>
      (await found('touchpoints')).get(idOf('OpportunityPartner', `T-${number}`));
    const respond = (number: number) =>
      name(
        { ...named(number), touchpoint_id: `M-${number}`, contact_id: `C-${number}`, channel: 'webinar' },
        now - HOUR,
      );

    beforeEach(async () => {
      await server.close();
      for (let number = 1; number <= 8; number++) {
        name(named(number), now - HOUR);
        respond(number);
      }
      const clock = () => landing.world.now();
      server = await startSalesforce({ store, clientSecret, batchSize: 7, now: clock, hasPartners: true });
      landing.sources = [sourceOf(server.url, { partner_roles })];
    });

    test('a role that changes, and a partner that is taken off again', async () => {
      await landing.load();
      expect(await touchOf(1)).toMatchObject({ kind: 'var_reseller', partner_id: 'P-1' });
      name(named(1, { kind: 'system_integrator' }), now + HOUR);
      store.apply({ kind: 'delete', stream: 'touchpoints', key: 'T-2' }, now + HOUR);
      landing.world.advance(2 * HOUR);
      await landing.load();
      expect(await touchOf(1)).toMatchObject({ kind: 'system_integrator' });
      expect(await touchOf(2)).toBeUndefined();
      expect((await found('touchpoints')).size).toBe(15);
    });

    test('after a long pause responses and partners are one listing: what is purged of either is gone, nothing else', async () => {
      await landing.load();
      store.apply({ kind: 'delete', stream: 'touchpoints', key: 'T-3' }, now + HOUR);
      store.apply({ kind: 'delete', stream: 'touchpoints', key: 'M-4' }, now + HOUR);
      landing.world.advance(40 * DAY);
      await landing.load();
      expect((await found('touchpoints')).size).toBe(14);
      expect(await touchOf(3)).toBeUndefined();
    });

    test('a resync holds both', async () => {
      await landing.load();
      respond(9);
      name(named(9), now);
      landing.world.advance(HOUR);
      await landing.load({ resync: 'crm' });
      expect((await found('touchpoints')).size).toBe(18);
    });

    test('without a field for the key, the partner is the id of its account', async () => {
      landing.sources = [sourceOf(server.url, { partner_roles: {} })];
      await landing.load();
      expect(await touchOf(1)).toMatchObject({ partner_id: idOf('Account', 'P-1') });
    });

    test('where the feature is off, the responses are read, and what was known of partners stays', async () => {
      await landing.load();
      await server.close();
      server = await startSalesforce({ store, clientSecret, batchSize: 7, now: () => landing.world.now() });
      landing.sources = [sourceOf(server.url, { partner_roles })];
      landing.world.advance(40 * DAY);
      await landing.load();
      expect((await found('touchpoints')).size).toBe(16);
      const lines = (await checkSources({ ...context(), world: landing.world })).get('crm')!;
      const line = lines.find(({ subject }) => subject === 'OpportunityPartner');
      expect(line).toMatchObject({ ok: true, detail: expect.stringMatching(/off.*: these touches are missing/) });
    });
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
