// PartnerStack through its sandbox server: the same records as from files, and what its API does to readers.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SourceError } from '../../core/errors.ts';
import type { StreamName } from '../../core/streams.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type CompanyRow, companyOf, createStore, readCompany, type Store } from '../../sandbox/servers/company.ts';
import { startPartnerStack } from '../../sandbox/servers/partnerstack.ts';
import { temporaryDirectory } from '../workspace.ts';
import { type SourceEntry, VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-11-02T06:00:00Z');
const DAY = 86_400_000;
const secret = 'sk_canary_partnerstack';

const groups = {
  referral: { motion: 'referral' },
  'co-sell': { motion: 'co_sell' },
  reseller: { motion: 'reseller' },
  'referral-premier': { motion: 'referral', plan: 'referral-premier' },
  'referral-emea': { motion: 'referral', plan: 'referral-emea' },
  'co-sell-emea': { motion: 'co_sell', plan: 'co-sell-emea' },
};
const fields = {
  partners: { status: 'programme_status', ended_at: 'ended_on', domain: 'website', currency: 'payout_currency' },
  partner_agreements: { starts_on: 'agreement_starts_on', ends_on: 'agreement_ends_on' },
  leads: { account_id: 'crm_account_id', domain: 'company_domain', owner: 'sales_owner' },
  deal_registrations: { account_id: 'crm_account_id', domain: 'company_domain' },
  touchpoints: { account_id: 'crm_account_id', contact_id: 'crm_contact_id', deal_id: 'crm_deal_id' },
};

function sourceOf(url: string, more: object = {}): SourceEntry {
  return {
    name: 'prm',
    connector: 'partnerstack',
    base_url: `${url}/api/v2`,
    public_key: 'pk_sandbox',
    secret_key: secret,
    streams: ['partners', 'partner_agreements', 'leads', 'deal_registrations', 'touchpoints', 'payouts'],
    groups,
    fields,
    motion: 'referral',
    lead_statuses: {},
    registration_statuses: {},
    time_zone: 'America/New_York',
    start_date: '2015-01-01',
    rescan_days: 180,
    page_size: 250,
    ...more,
  };
}

describe('the same company', () => {
  const directory = temporaryDirectory();
  const company = () => readCompany(directory);
  let server: Awaited<ReturnType<typeof startPartnerStack>>;
  let files: VendorLanding;
  let api: VendorLanding;

  beforeAll(async () => {
    generateCompany({ directory, size: { accounts: 120, partners: 20 } });
    server = await startPartnerStack({ store: createStore(company()), secretKey: secret, now: () => now });
    files = await VendorLanding.open({
      now,
      sources: [{ name: 'prm', connector: 'files', directory: join(directory, 'sheets') }],
    });
    api = await VendorLanding.open({ now, sources: [sourceOf(server.url, { page_size: 7 })] });
    await files.load();
    await api.load();
  });
  afterAll(async () => {
    await server.close();
    files.close();
    api.close();
  });

  test.each<StreamName>(['partners', 'partner_agreements', 'deal_registrations', 'payouts'])(
    'gives equal %s through files and through the API',
    async (stream) => {
      const expected = await files.current('files', stream);
      expect(expected.size).toBeGreaterThan(3);
      expect(await api.current('partnerstack', stream)).toEqual(expected);
    },
  );

  test('gives equal leads; those without a partner are not in PartnerStack', async () => {
    const all = await files.current('files', 'leads');
    const expected = new Map([...all].filter(([, { partner_id }]) => partner_id !== null));
    expect(expected.size).toBeGreaterThan(3);
    expect(await api.current('partnerstack', 'leads')).toEqual(expected);
  });

  test('gives equal referrals: the touches that PartnerStack knows of, and no trial of the programme', async () => {
    const all = await files.current('files', 'touchpoints');
    const expected = new Map([...all].filter(([, { kind }]) => kind === 'referral_click'));
    expect(expected.size).toBeGreaterThan(3);
    expect(await api.current('partnerstack', 'touchpoints')).toEqual(expected);
  });

  test('refuses the same registration, whose time is no time', async () => {
    const refused = (landing: VendorLanding) =>
      landing.refused().then((rows) => rows.filter(({ stream }) => stream === 'deal_registrations'));
    expect(await refused(api)).toEqual(await refused(files));
    expect(await refused(api)).toHaveLength(1);
  });
});

const partnerRows = Array.from({ length: 12 }, (_, index) => ({
  partner_id: `P-${index + 1}`,
  name: `Partner ${index + 1}`,
  motion: 'referral',
  status: index === 3 ? 'ended' : 'active',
  joined_at: `2025-0${(index % 9) + 1}-15`,
  domain: `partner-${index + 1}.example`,
  currency: 'USD',
}));
const payoutRows: CompanyRow[] = Array.from({ length: 12 }, (_, index) => ({
  payout_id: `PO-${index + 1}`,
  partner_id: `P-${index + 1}`,
  paid_at: new Date(now - (index === 0 ? 400 : index * 10) * DAY).toISOString(),
  amount: `${100 + index}.50`,
  currency: 'USD',
}));
const registrationRows = Array.from({ length: 10 }, (_, index) => ({
  registration_id: `R-${index + 1}`,
  partner_id: 'P-1',
  deal_id: `D-${index + 1}`,
  submitted_at: new Date(now - (index + 20) * DAY).toISOString(),
  status: 'pending',
}));

describe('as PartnerStack behaves', () => {
  let store: Store;
  let server: Awaited<ReturnType<typeof startPartnerStack>>;
  let landing: VendorLanding;
  let whenLogged: () => void;

  beforeEach(async () => {
    whenLogged = () => {};
    const rows = { partners: partnerRows, payouts: payoutRows, deal_registrations: registrationRows };
    store = createStore(companyOf(rows, new Date(now).toISOString()));
    server = await startPartnerStack({ store, secretKey: secret, now: clock });
    landing = await VendorLanding.open({ now, sources: [sourceOf(server.url, { page_size: 5 })] });
  });
  afterEach(async () => {
    await server.close();
    landing.close();
  });
  const clock = () => {
    whenLogged();
    return landing.world.now();
  };
  const nextDay = (hours = 25) => landing.world.advance(hours * 3_600_000);

  test('an archived partner is read: it ended', async () => {
    await landing.load();
    expect((await landing.current('partnerstack', 'partners')).get('P-4')).toMatchObject({ status: 'ended' });
  });

  test('a reward that is gone from the last 180 days is no payout any more; an older one is not looked for', async () => {
    await landing.load();
    store.apply({ kind: 'delete', stream: 'payouts', key: 'PO-1' }, now); // 400 days old
    store.apply({ kind: 'delete', stream: 'payouts', key: 'PO-5' }, now);
    nextDay();
    await landing.load();
    const payouts = await landing.current('partnerstack', 'payouts');
    expect(payouts.has('PO-5')).toBe(false);
    expect(payouts.has('PO-1')).toBe(true);
    expect(payouts.size).toBe(11);
  });

  test('a reward counts from when it left, keeps that date, and is none once it failed', async () => {
    const row = { ...payoutRows[1]!, payout_id: 'PO-NEW', payment_status: 'available' };
    store.apply({ kind: 'upsert', stream: 'payouts', row }, now);
    await landing.load();
    expect((await landing.current('partnerstack', 'payouts')).has('PO-NEW')).toBe(false);
    nextDay();
    const paid = landing.world.now() - 3_600_000;
    store.apply({ kind: 'upsert', stream: 'payouts', row: { ...row, payment_status: 'withdrawn' } }, paid);
    await landing.load();
    nextDay();
    const noted = { ...row, payment_status: 'withdrawn', statement_id: 'ST-9' };
    store.apply({ kind: 'upsert', stream: 'payouts', row: noted }, landing.world.now() - 60_000);
    await landing.load();
    expect((await landing.current('partnerstack', 'payouts')).get('PO-NEW')).toMatchObject({
      paid_at: paid,
      statement_id: 'ST-9',
    });
    nextDay();
    store.apply({ kind: 'upsert', stream: 'payouts', row: { ...row, payment_status: 'failed' } }, landing.world.now());
    await landing.load();
    expect((await landing.current('partnerstack', 'payouts')).has('PO-NEW')).toBe(false);
  });

  test('a partner that moves to another group keeps the former agreement up to the day before', async () => {
    store.apply(
      {
        kind: 'upsert',
        stream: 'partner_agreements',
        row: { agreement_id: '', partner_id: 'P-2', plan: 'referral-premier' },
      },
      now,
    );
    await landing.load();
    expect([...(await landing.current('partnerstack', 'partner_agreements')).values()]).toEqual([
      {
        agreement_id: 'P-2:referral-premier',
        partner_id: 'P-2',
        plan: 'referral-premier',
        starts_on: '2025-02-15',
        ends_on: null,
      },
    ]);
    landing.world.advance(30 * DAY);
    const moved = landing.world.now();
    const row = { agreement_id: '', partner_id: 'P-2', plan: 'referral-emea' };
    store.apply({ kind: 'upsert', stream: 'partner_agreements', row }, moved);
    store.apply({ kind: 'upsert', stream: 'partners', row: partnerRows[1]! }, moved);
    await landing.load();
    nextDay();
    await landing.load();
    expect([...(await landing.current('partnerstack', 'partner_agreements')).values()]).toEqual([
      {
        agreement_id: 'P-2:referral-emea',
        partner_id: 'P-2',
        plan: 'referral-emea',
        starts_on: '2026-12-02',
        ends_on: null,
      },
      {
        agreement_id: 'P-2:referral-premier',
        partner_id: 'P-2',
        plan: 'referral-premier',
        starts_on: '2025-02-15',
        ends_on: '2026-12-01',
      },
    ]);
  });

  test('registrations: after a first reading only what changed is asked for, once a day everything', async () => {
    await landing.load();
    store.apply(
      { kind: 'upsert', stream: 'deal_registrations', row: { ...registrationRows[2]!, status: 'approved' } },
      now + 1_800_000,
    );
    store.apply({ kind: 'delete', stream: 'deal_registrations', key: 'R-9' }, now + 1_800_000);
    nextDay(1);
    server.clearRequests();
    await landing.load();
    const asked = server.requests().filter(({ url }) => url.includes('/deals'));
    expect(asked).toHaveLength(1);
    expect(asked[0]!.url).toContain(`min_updated=${now - 660_000}`);
    expect((await landing.current('partnerstack', 'deal_registrations')).get('R-3')).toMatchObject({
      status: 'approved',
    });
    expect((await landing.current('partnerstack', 'deal_registrations')).has('R-9')).toBe(true);
    nextDay(24);
    await landing.load();
    expect((await landing.current('partnerstack', 'deal_registrations')).has('R-9')).toBe(false);
  });

  test('nothing changed: a second reading adds no version', async () => {
    await landing.load();
    nextDay();
    const loads = await landing.load();
    expect(loads.map(({ accepted }) => accepted)).toEqual(loads.map(() => 0));
  });

  test('a partner list that shrinks by more than a fifth is not believed', async () => {
    await landing.load();
    for (const index of [1, 2, 3]) store.apply({ kind: 'delete', stream: 'partners', key: `P-${index}` }, now);
    nextDay();
    await expect(landing.load()).rejects.toThrow(/3 of 12 records of partners are gone/);
    expect((await landing.current('partnerstack', 'partners')).size).toBe(12);
  });

  test.each(['rate_limited', 'server_error', 'reset_mid_page', 'schema_drift'])('%s costs no record', async (trap) => {
    server.rearm(new Set([trap]));
    await landing.load();
    expect((await landing.current('partnerstack', 'partners')).size).toBe(12);
    expect((await landing.current('partnerstack', 'payouts')).size).toBe(12);
  });

  test.each([
    ['html_with_200', /web page instead of data/],
    ['repeated_page_token', /same page was offered twice/],
    ['expired_token', /401/],
  ])('%s stops the reading in words; the next one is whole', async (trap, words) => {
    server.rearm(new Set([trap]));
    await expect(landing.load()).rejects.toThrow(words);
    await landing.load();
    expect((await landing.current('partnerstack', 'partners')).size).toBe(12);
    expect((await landing.current('partnerstack', 'payouts')).size).toBe(12);
  });

  test('a key after which a list should go on, and that is gone, begins the list anew', async () => {
    // The registration that ends the first page is deleted right after that page was answered.
    whenLogged = () => {
      if (!server.requests().at(-1)?.url.includes('/leads')) return;
      whenLogged = () => {};
      store.apply({ kind: 'delete', stream: 'deal_registrations', key: 'R-5' }, now);
    };
    await landing.load();
    expect(server.requests().map(({ url, status }) => `${status} ${url}`)).toContainEqual(
      expect.stringMatching(/^404 .*starting_after=R-5/),
    );
    const others = registrationRows.map(({ registration_id }) => registration_id).filter((id) => id !== 'R-5');
    expect([...(await landing.current('partnerstack', 'deal_registrations')).keys()]).toEqual(
      expect.arrayContaining(others),
    );
    nextDay();
    await landing.load();
    expect((await landing.current('partnerstack', 'deal_registrations')).size).toBe(9);
  });

  const referralRows = Array.from({ length: 10 }, (_, index) => ({
    touchpoint_id: `T-${index + 1}`,
    occurred_at: new Date(now - (index + 3) * DAY).toISOString(),
    account_id: 'A-1',
    channel: 'partner',
    partner_id: 'P-1',
    kind: 'referral_click',
  }));
  const refer = (row: CompanyRow, at: number) => store.apply({ kind: 'upsert', stream: 'touchpoints', row }, at);

  test('a customer that is changed is asked for by when; one that is deleted is gone by the next day', async () => {
    for (const row of referralRows) refer(row, now - DAY);
    await landing.load();
    expect((await landing.current('partnerstack', 'touchpoints')).size).toBe(10);
    refer({ ...referralRows[0]!, deal_id: 'D-1' }, now + 3_600_000);
    store.apply({ kind: 'delete', stream: 'touchpoints', key: 'T-2' }, now + 3_600_000);
    server.clearRequests();
    nextDay(2);
    await landing.load();
    const touches = await landing.current('partnerstack', 'touchpoints');
    expect(touches.get('T-1')).toMatchObject({ deal_id: 'D-1', account_id: 'A-1', partner_id: 'P-1' });
    expect(server.requests().filter(({ url }) => url.includes('/customers'))).toMatchObject([
      { url: expect.stringContaining('min_updated=') },
    ]);
    nextDay();
    await landing.load();
    expect((await landing.current('partnerstack', 'touchpoints')).has('T-2')).toBe(false);
  });

  test('the key that the company gave its customer can be the account', async () => {
    for (const row of referralRows) refer(row, now - DAY);
    landing.sources = [sourceOf(server.url, { fields: { touchpoints: { account_id: 'partnership_key' } } })];
    await landing.load();
    const touches = await landing.current('partnerstack', 'touchpoints');
    expect(touches.get('T-1')).toMatchObject({ account_id: 'part_P-1', deal_id: null });
  });

  test('check says how many referrals find an account', async () => {
    for (const row of referralRows) refer(row, now - DAY);
    const detailOf = async (more: object) => {
      landing.sources = [sourceOf(server.url, more)];
      const lines = (await checkSources({ ...options(), world: landing.world })).get('prm')!;
      return lines.find(({ subject }) => subject === 'customers')!.detail;
    };
    expect(await detailOf({})).toMatch(/touchpoints; 10 of the last 11 customers name an account/);
    expect(await detailOf({ fields: {} })).toMatch(/; 0 of the last 11 customers/);
  });

  test('check names what can be read, and groups that sourced.yaml does not have or PartnerStack does not', async () => {
    const lines = (await checkSources({ ...options(), world: landing.world })).get('prm')!;
    expect(lines.filter(({ ok }) => ok).map(({ subject }) => subject)).toEqual([
      'partnerships',
      'leads',
      'deals',
      'customers',
      'rewards',
      'group referral',
    ]);
    expect(lines.find(({ subject }) => subject === 'group co-sell')).toMatchObject({ ok: false });
  });

  test('check says once that the keys are wrong, or that the host is not there', async () => {
    const linesOf = async (more: object) => {
      landing.sources = [sourceOf(server.url, more)];
      return (await checkSources({ ...options(), world: landing.world })).get('prm')!;
    };
    expect(await linesOf({ secret_key: 'sk_wrong_canary' })).toMatchObject([
      { subject: 'connection', ok: false, detail: expect.stringMatching(/401.*check `public_key` and `secret_key`/) },
    ]);
    expect(await linesOf({ base_url: 'http://127.0.0.1:9/api/v2' })).toMatchObject([
      { subject: 'connection', ok: false, detail: expect.stringMatching(/reachable from this machine/) },
    ]);
  });

  test('a wrong key is refused with the line that mends it, and is never shown', async () => {
    landing.sources = [sourceOf(server.url, { secret_key: 'sk_wrong_canary' })];
    const error = await landing.load().catch((thrown: unknown) => thrown as SourceError);
    expect(error).toBeInstanceOf(SourceError);
    expect(`${(error as SourceError).message} ${(error as SourceError).hint}`).toMatch(/public_key.*secret_key/);
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('sk_wrong_canary');
  });

  function options() {
    const { workspace, warehouse, sources } = landing;
    return { config: { sources }, workspace, warehouse };
  }
});
