// HubSpot through its sandbox server: the same records as from files, and what its API does to readers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type StreamName, streams } from '../../core/streams.ts';
import { hubspot } from '../../ingest/connectors/hubspot.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type Company, type CompanyRow, companyOf, readCompany } from '../../sandbox/servers/company.ts';
import { numericCrmIds } from '../../sandbox/servers/crm-ids.ts';
import { type HubspotOptions, type HubspotServer, hubspotScopes, startHubspot } from '../../sandbox/servers/hubspot.ts';
import { createCsv } from '../../sandbox/writers.ts';
import { temporaryDirectory } from '../workspace.ts';
import { failure } from './failure.ts';
import { type CanonicalRow, type SourceEntry, VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-11-02T06:00:00Z');
const token = 'pat-na1-canary-token';
/** The server's limits run in real time, the clock of these tests does not. */
const limits = { tenSeconds: 1e9, searchSecond: 1e9 };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function sourceOf(url: string, more: object = {}): SourceEntry {
  const options = hubspot.options.parse({
    base_url: url,
    access_token: token,
    fields: {
      accounts: { segment: 'segment' },
      deals: {
        closed_at: ['closed_on', 'closedate'],
        lead_created_at: 'lead_created_at',
        source_partner_id: 'partner_source',
        reseller_partner_id: 'reseller',
        product: 'product_line',
        kind: { from: 'deal_kind', new: ['newbusiness'] },
      },
    },
    objects: { deal_registrations: { object: '2-4410023' }, leads: { object: 'leads' } },
    ...more,
  });
  return { name: 'crm', connector: 'hubspot', ...options };
}

describe('the same company', () => {
  let company: Company;
  let server: HubspotServer;
  let files: VendorLanding;
  let api: VendorLanding;

  beforeAll(async () => {
    const directory = temporaryDirectory();
    generateCompany({ directory, size: { accounts: 260, partners: 20 } });
    company = numericCrmIds(readCompany(directory));
    server = await startHubspot({ company, token, now: () => now, limits });
    files = await VendorLanding.open({
      now,
      sources: [{ name: 'crm', connector: 'files', directory: sheetsOf(company) }],
    });
    api = await VendorLanding.open({ now, sources: [sourceOf(server.url)] });
    await files.load();
    await api.load();
  });
  afterAll(async () => {
    await server.close();
    files.close();
    api.close();
  });

  /** HubSpot moves what names a merged record to its survivor; the expected close of an open deal is no close. */
  const moved = ({ ...row }: Record<string, string | number | null>): CanonicalRow => {
    if (row.is_closed === 'false') row.closed_at = null;
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, survivors[name]?.().get(String(value)) ?? value]),
    );
  };
  const merged = (stream: StreamName) =>
    new Map(
      company
        .rows(stream)
        .flatMap((row) => (row.merged_into ? [[row[streams[stream].key[0]!]!, row.merged_into]] : [])),
    );
  const survivors: Record<string, (() => Map<string, string>) | undefined> = {
    account_id: () => merged('accounts'),
    contact_id: () => merged('contacts'),
    deal_id: () => merged('deals'),
  };

  test.each<[StreamName, number]>([
    ['accounts', 250],
    ['contacts', 500],
    ['deals', 250],
    ['deal_stages', 1_000],
    ['deal_contacts', 200],
    ['deal_registrations', 40],
    ['leads', 60],
    ['touchpoints', 800],
  ])('gives equal %s through files and through the API', async (stream, least) => {
    const key = streams[stream].key[0]!;
    const gone = merged('deals');
    const isOwn = (row: CanonicalRow) =>
      row.merged_into === null || !('merged_into' in row) || row.merged_into === undefined;
    const rows = [...(await files.current('files', stream)).values()].filter(
      (row) =>
        (stream !== 'touchpoints' || row.channel === 'sales') &&
        !(stream.startsWith('deal_') && stream !== 'deal_registrations' && gone.has(String(row.deal_id))),
    );
    const found = [...(await api.current('hubspot', stream)).values()];
    const sorted = (list: CanonicalRow[]) => list.map((row) => JSON.stringify(row)).sort();
    expect(rows.length).toBeGreaterThan(least);
    expect(sorted(found.filter(isOwn))).toEqual(
      sorted(
        rows
          .filter(isOwn)
          .map((row) =>
            stream === 'accounts' || stream === 'contacts' || stream === 'deals'
              ? { ...moved(row), [key]: row[key]! }
              : moved(row),
          ),
      ),
    );
    const alias = (row: CanonicalRow) => `${row[key]} ${row.merged_into}`;
    expect(
      found
        .filter((row) => !isOwn(row))
        .map(alias)
        .sort(),
    ).toEqual(
      rows
        .filter((row) => !isOwn(row))
        .map(alias)
        .sort(),
    );
  });

  test('a second reading asks only for what changed, and adds nothing', async () => {
    server.clearRequests();
    const loads = await api.load();
    expect(loads.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(0);
    const urls = server.requests().map(({ method, url }) => `${method} ${url.split('?')[0]}`);
    expect(urls.filter((url) => url === 'POST /crm/objects/2026-09/deals/search')).toHaveLength(1);
    const lists = server
      .requests()
      .filter(({ method, url }) => method === 'GET' && /objects\/2026-09\/deals\?/.test(url));
    expect(lists.every(({ url }) => url.includes('archived=true'))).toBe(true);
  });
});

/** The company's rows as a directory of sheets. */
function sheetsOf(company: Company): string {
  const directory = join(temporaryDirectory(), 'sheets');
  mkdirSync(directory);
  for (const stream of hubspot.delivers) {
    const file = createCsv(
      join(directory, `${stream}.csv`),
      streams[stream].columns.map(({ name }) => name),
    );
    for (const row of company.rows(stream)) file.write(row);
    file.close();
  }
  return directory;
}

describe('what its API does to readers', () => {
  const created_at = '2026-01-05T10:00:00Z';
  const numbered = <Row>(count: number, make: (id: string) => Row): Row[] =>
    Array.from({ length: count }, (_, index) => make(String(101 + index)));
  const rows: Partial<Record<StreamName, CompanyRow[]>> = {
    accounts: numbered(12, (id) => ({ account_id: id, name: `Company ${id}`, domain: `c${id}.example`, created_at })),
    contacts: numbered(12, (id) => ({ contact_id: id, account_id: id, email: `a@c${id}.example`, created_at })),
    deals: numbered(12, (id) => ({
      deal_id: id,
      account_id: id,
      name: `Deal ${id}`,
      created_at,
      stage: 'discovery',
      is_closed: 'false',
      is_won: 'false',
      amount: '1200.50',
      currency: 'USD',
      source_partner_id: 'P-101',
    })),
    deal_stages: numbered(12, (id) => ({ deal_id: id, stage: 'discovery', entered_at: created_at })),
    deal_contacts: numbered(12, (id) => ({ deal_id: id, contact_id: id, role: 'user', is_primary: 'true' })),
  };
  let server: HubspotServer;
  let landing: VendorLanding;
  const own = { objects: {} };

  async function start(options: Partial<HubspotOptions> = {}, given = rows, more: object = {}): Promise<void> {
    let world: VendorLanding['world'] | undefined;
    server = await startHubspot({
      company: companyOf(given, new Date(now).toISOString()),
      token,
      limits,
      ...options,
      now: () => world?.now() ?? now,
    });
    landing = await VendorLanding.open({ now, sources: [sourceOf(server.url, { ...own, ...more })] });
    world = landing.world;
  }
  const accepted = async (stream: StreamName) =>
    (await landing.load()).filter((load) => load.stream === stream).reduce((sum, load) => sum + load.accepted, 0);
  const rowOf = async (stream: StreamName, key: string) => (await landing.current('hubspot', stream)).get(key);

  beforeEach(() => start());
  afterEach(async () => {
    await server.close();
    landing.close();
  });

  test('a stage that is entered and an amount that changes are one new version of the deal', async () => {
    await landing.load();
    landing.world.advance(MINUTE);
    const entered_at = new Date(landing.world.now()).toISOString();
    server.apply({ kind: 'upsert', stream: 'deal_stages', row: { deal_id: '103', stage: 'proposal', entered_at } });
    server.apply({
      kind: 'upsert',
      stream: 'deals',
      row: { ...rows.deals![2]!, stage: 'proposal', amount: '1300.00' },
    });
    landing.world.advance(10 * MINUTE);
    await landing.load();
    expect(await rowOf('deals', '103')).toMatchObject({ stage: 'proposal', amount: '1300' });
    const stages = [...(await landing.current('hubspot', 'deal_stages')).values()].filter(
      (row) => row.deal_id === '103',
    );
    expect(stages.map((row) => row.stage).sort()).toEqual(['discovery', 'proposal']);
    expect(await landing.versions('hubspot', 'deals', '103')).toHaveLength(2);
    expect(await landing.versions('hubspot', 'deals', '104')).toHaveLength(1);
  });

  test('a bulk edit that gives 10,450 records one time is read whole, past the cap of search', async () => {
    await server.close();
    landing.close();
    const many = Array.from({ length: 10_450 }, (_, index) => ({
      contact_id: String(1_000 + index),
      account_id: '101',
      email: `p${index}@c101.example`,
      created_at,
    }));
    await start({}, { ...rows, contacts: many });
    await landing.load();
    landing.world.advance(MINUTE);
    server.bulkEdit();
    landing.world.advance(10 * MINUTE);
    server.clearRequests();
    expect(await accepted('contacts')).toBe(10_450);
    expect(await landing.current('hubspot', 'contacts').then(({ size }) => size)).toBe(10_450);
    const searches = server.requests().filter(({ url }) => url.includes('contacts/search'));
    expect(searches.length).toBe(53);
    expect(searches.every(({ status }) => status === 200)).toBe(true);
  }, 60_000);

  test('a change that search does not show yet waits for the next reading', async () => {
    await landing.load();
    server.rearm(new Set(['search_lag']));
    landing.world.advance(12 * MINUTE);
    server.apply({ kind: 'upsert', stream: 'accounts', row: { ...rows.accounts![0]!, name: 'Renamed' } });
    landing.world.advance(MINUTE / 2);
    await landing.load();
    expect(await rowOf('accounts', '101')).toMatchObject({ name: 'Company 101' });
    landing.world.advance(6 * MINUTE);
    await landing.load();
    expect(await rowOf('accounts', '101')).toMatchObject({ name: 'Renamed' });
  });

  test('a change that is stamped before the end of the last window is found by looking back', async () => {
    await landing.load();
    landing.world.advance(12 * MINUTE);
    await landing.load();
    server.rearm(new Set(['late_stamps']));
    server.apply({ kind: 'upsert', stream: 'accounts', row: { ...rows.accounts![0]!, name: 'Renamed' } });
    landing.world.advance(MINUTE);
    await landing.load();
    expect(await rowOf('accounts', '101')).toMatchObject({ name: 'Renamed' });
  });

  test('an association that changes without a trace is found by the reading of the next day', async () => {
    await landing.load();
    landing.world.advance(MINUTE);
    server.edits.associate('deals', '105', 'companies', ['111']);
    server.edits.associate('deals', '105', 'contacts', ['101', '102']);
    landing.world.advance(20 * MINUTE);
    await landing.load();
    expect(await rowOf('deals', '105')).toMatchObject({ account_id: '105' });
    landing.world.advance(DAY);
    await landing.load();
    expect(await rowOf('deals', '105')).toMatchObject({ account_id: '111' });
    const contacts = [...(await landing.current('hubspot', 'deal_contacts')).keys()].filter((key) =>
      key.startsWith('105|'),
    );
    expect(contacts).toEqual(['105|101', '105|102']);
  });

  test('an archived record is a tombstone, with its stages and contacts; a restored one is back', async () => {
    await landing.load();
    landing.world.advance(MINUTE);
    server.apply({ kind: 'delete', stream: 'deals', key: '106' });
    landing.world.advance(10 * MINUTE);
    await landing.load();
    expect(await rowOf('deals', '106')).toBeUndefined();
    for (const stream of ['deal_stages', 'deal_contacts'] as const)
      expect([...(await landing.current('hubspot', stream)).keys()].some((key) => key.startsWith('106|'))).toBe(false);
    server.apply({ kind: 'upsert', stream: 'deals', row: rows.deals![5]! });
    landing.world.advance(10 * MINUTE);
    await landing.load();
    expect(await rowOf('deals', '106')).toMatchObject({ name: 'Deal 106' });
    expect([...(await landing.current('hubspot', 'deal_contacts')).keys()]).toContain('106|106');
  });

  test('merged records are aliases, also where the merge makes a record with a new id', async () => {
    await landing.load();
    landing.world.advance(MINUTE);
    server.apply({ kind: 'merge', stream: 'accounts', key: '107', into: '108' });
    landing.world.advance(10 * MINUTE);
    await landing.load();
    expect(await rowOf('accounts', '107')).toMatchObject({ merged_into: '108', name: 'Company 108' });
    expect(await rowOf('deals', '107')).toMatchObject({ account_id: '108' });
    await server.close();
    landing.close();
    await start({ traps: new Set(['merges_make_new_id']) });
    await landing.load();
    landing.world.advance(MINUTE);
    server.apply({ kind: 'merge', stream: 'deals', key: '107', into: '108' });
    landing.world.advance(10 * MINUTE);
    await landing.load();
    const deals = await landing.current('hubspot', 'deals');
    expect(['107', '108', '8108'].map((key) => deals.get(key)?.merged_into ?? null)).toEqual(['8108', '8108', null]);
    expect(
      [...(await landing.current('hubspot', 'deal_stages')).keys()].filter((key) => /^(107|108|8108)\|/.test(key)),
    ).toHaveLength(1);
  });

  test('a mapped property that is gone stops the object before its figures change, and names what is there', async () => {
    await landing.load();
    server.rearm(new Set(['property_removed']));
    landing.world.advance(DAY);
    const { message, hint } = await failure(landing.load());
    expect(message).toContain('there is no property `partner_source` for deals.source_partner_id');
    expect(hint).toContain('sourced.yaml');
    expect(await rowOf('deals', '101')).toMatchObject({ source_partner_id: 'P-101' });
  });

  test('a new property and a new member are noted, and change nothing', async () => {
    await landing.load();
    server.rearm(new Set(['schema_drift']));
    landing.world.advance(2 * DAY);
    await landing.load();
    expect((await landing.current('hubspot', 'deals')).size).toBe(12);
    const drift = await landing.warehouse.rows<{ object: string; field: string }>(
      'SELECT object, field FROM raw.schema_drift',
    );
    expect(drift).toContainEqual({ object: 'deals', field: 'objectWriteTraceId' });
  });

  test.each([
    ['html_with_200', /check `base_url` of this source/],
    ['repeated_page_token', /run again later; what was complete is kept/],
    ['expired_token', /make a new service key .* and set it/],
  ])('%s ends the reading with a line that says what to do; the next one recovers', async (trap, todo) => {
    await server.close();
    landing.close();
    await start({ pageLimit: 4, traps: new Set([trap]) });
    const { message, hint } = await failure(landing.load());
    expect(hint).toMatch(todo);
    expect(`${message} ${hint}`).not.toContain(token);
    await landing.load();
    for (const stream of ['accounts', 'contacts', 'deals'] as const)
      expect((await landing.current('hubspot', stream)).size).toBe(12);
  });

  test('429, 503 and a connection that breaks off are waited out', async () => {
    await server.close();
    landing.close();
    await start({ pageLimit: 3, traps: new Set(['rate_limited', 'server_error', 'reset_mid_page']) });
    await landing.load();
    expect(new Set(server.requests().flatMap(({ trap }) => trap ?? []))).toEqual(
      new Set(['rate_limited', 'server_error', 'reset_mid_page']),
    );
    expect((await landing.current('hubspot', 'deals')).size).toBe(12);
    expect(landing.world.slept).toContain(1_000);
  });

  test('it stays below the limit that the answers tell', async () => {
    await server.close();
    landing.close();
    await start({ pageLimit: 1, limits: { tenSeconds: 30, searchSecond: 5 } });
    await landing.load().catch(() => undefined); // the server's limit runs in real time, the clock of this test does not
    expect(landing.world.slept.filter((milliseconds) => milliseconds === 10_000).length).toBeGreaterThan(0);
  });

  test('a cursor that lies in the future is refused', async () => {
    await landing.load();
    landing.world.advance(-2 * DAY);
    const { message, hint } = await failure(landing.load());
    expect(message).toContain('after now');
    expect(hint).toContain('--resync');
  });

  test('a deal with more contacts than a page of associations holds has all of them', async () => {
    await server.close();
    landing.close();
    const many = rows.contacts!.map(({ contact_id = '' }) => ({
      deal_id: '103',
      contact_id,
      role: 'user',
      is_primary: 'false',
    }));
    await start({ pageLimit: 5 }, { ...rows, deal_contacts: many });
    await landing.load();
    const contacts = [...(await landing.current('hubspot', 'deal_contacts')).keys()];
    expect(contacts.sort()).toEqual(many.map(({ contact_id }) => `103|${contact_id}`));
    const after = server.requests().filter(({ url }) => url.includes('/deals/contacts/batch/read'));
    expect(after).toHaveLength(3);
  });

  test('a daily limit that is used up is said once, with what to do', async () => {
    await server.close();
    landing.close();
    await start({ limits: { ...limits, day: 4 } });
    const { message, hint } = await failure(landing.load());
    expect(message).toMatch(/^crm: .*was refused with 429.*: You have reached your daily limit\.$/);
    expect(hint).toMatch(/run again tomorrow, or raise the limit in HubSpot/);
  });

  test('a missing scope is named, and the other objects are read', async () => {
    await server.close();
    landing.close();
    await start({ scopes: hubspotScopes.filter((scope) => scope !== 'crm.objects.contacts.read') });
    const { message, hint } = await failure(landing.load());
    expect(message).toContain('403');
    expect(hint).toContain('crm.objects.contacts.read');
    expect((await landing.current('hubspot', 'accounts')).size).toBe(12);
  });

  test("a contact's first visit and conversions are touches; what was typed in by hand is none", async () => {
    const at = '2026-03-01T08:00:00.000Z';
    server.edits.setProperties(
      'contacts',
      '101',
      { hs_analytics_source: 'PAID_SEARCH', hs_analytics_first_timestamp: at, hs_analytics_source_data_1: 'brand' },
      now - DAY,
    );
    server.edits.setProperties(
      'contacts',
      '102',
      { hs_analytics_source: 'OFFLINE', hs_analytics_first_timestamp: at },
      now - DAY,
    );
    server.edits.setProperties(
      'contacts',
      '103',
      { first_conversion_date: at, first_conversion_event_name: 'Demo request', recent_conversion_date: at },
      now - DAY,
    );
    await landing.load();
    const touches = [...(await landing.current('hubspot', 'touchpoints')).values()];
    expect(
      touches.map(({ touchpoint_id, channel, kind, campaign, account_id }) => ({
        touchpoint_id,
        channel,
        kind,
        campaign,
        account_id,
      })),
    ).toEqual([
      {
        touchpoint_id: '101:first_visit',
        channel: 'paid_search',
        kind: 'first_visit',
        campaign: 'brand',
        account_id: '101',
      },
      {
        touchpoint_id: '103:first_conversion',
        channel: 'website',
        kind: 'form_fill',
        campaign: 'Demo request',
        account_id: '103',
      },
    ]);
  });

  test('a deal without a currency has that of the portal, an open deal no close', async () => {
    server.edits.setProperties(
      'deals',
      '101',
      { deal_currency_code: null, closedate: '2026-12-24T00:00:00.000Z' },
      now - DAY,
    );
    await landing.load();
    expect(await rowOf('deals', '101')).toMatchObject({ currency: 'USD', closed_at: null });
  });

  test('check names portal, scopes and what is lost without them', async () => {
    const check = async (url: string, more: object = {}) => {
      const { workspace, warehouse, world } = landing;
      const config = { sources: [{ ...sourceOf(url, own), ...more }] };
      return (await checkSources({ config, workspace, warehouse, world })).get('crm')!;
    };
    const good = await check(server.url);
    expect(good.filter(({ ok }) => !ok)).toEqual([]);
    expect(good[0]!.detail).toContain('portal 4727653');
    const [wrong] = await check(server.url, { access_token: 'pat-na1-canary-wrong' });
    expect(wrong!.ok).toBe(false);
    expect(wrong!.detail).toContain('service key');
    expect(wrong!.detail).not.toContain('canary');
    await server.close();
    const [gone] = await check(server.url);
    expect(gone).toMatchObject({ ok: false });
    expect(gone!.detail).toContain('base_url');
    landing.close();
    await start({ scopes: hubspotScopes.filter((scope) => scope !== 'crm.objects.deals.read') });
    const lines = await check(server.url);
    expect(lines.find(({ subject }) => subject === 'deals')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/crm\.objects\.deals\.read.*nothing is sourced/),
    });
  });
});
