// Crossbeam through its sandbox server: overlaps without a date, a bookmark that belongs to its query, tokens of a day.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SourceError } from '../../core/errors.ts';
import { crossbeam } from '../../ingest/connectors/crossbeam.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { type CompanyRow, companyOf, createStore, readCompany, type Store } from '../../sandbox/servers/company.ts';
import { startCrossbeam } from '../../sandbox/servers/crossbeam.ts';
import { temporaryDirectory } from '../workspace.ts';
import { type SourceEntry, VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-11-02T06:00:00Z');
const HOUR = 3_600_000;
const organization = '3f0c6a52-9d5a-4b1e-8a7e-0d7b9f4a1c11';

function sourceOf(url: string, more: object = {}): SourceEntry {
  const options = crossbeam.options.parse({
    base_url: url,
    token_url: `${url}/oauth/token`,
    client_id: 'xb-client',
    client_secret: 'xb-secret',
    refresh_token: 'xb-refresh',
    organization,
    ...more,
  });
  return { name: 'mapping', connector: 'crossbeam', ...options };
}

test('the same company gives equal overlaps through files and through the API; they are first seen when first read', async () => {
  const directory = temporaryDirectory();
  generateCompany({ directory, size: { accounts: 150, partners: 20 } });
  const server = await startCrossbeam({ store: createStore(readCompany(directory)), now: () => now });
  const sheets = { name: 'sheets', connector: 'files', directory: join(directory, 'sheets') };
  // Partners are known from the files; overlaps are matched to them by domain.
  const landing = await VendorLanding.open({ now, sources: [sheets, sourceOf(server.url, { page_size: 20 })] });
  await landing.load();
  const expected = await landing.current('files', 'account_overlaps');
  const found = await landing.current('crossbeam', 'account_overlaps');
  expect(expected.size).toBeGreaterThan(50);
  expect(found).toEqual(new Map([...expected].map(([key, row]) => [key, { ...row, first_seen_at: now }])));
  landing.close();
  await server.close();
});

const partners = Array.from({ length: 3 }, (_, index) => ({
  partner_id: `P-${index + 1}`,
  name: `Partner ${index + 1}`,
  motion: 'co_sell',
  domain: `partner-${index + 1}.example`,
}));
const overlaps: CompanyRow[] = Array.from({ length: 15 }, (_, index) => ({
  partner_id: `P-${(index % 3) + 1}`,
  account_id: `A-${index + 1}`,
  partner_population: 'prospect',
  first_seen_at: '2026-01-01T00:00:00Z',
}));
const partnerIds = Object.fromEntries(partners.map(({ domain, partner_id }) => [domain, partner_id]));
const keyOfFirst = 'P-1|A-1||prospect';

describe('as Crossbeam behaves', () => {
  let store: Store;
  let server: Awaited<ReturnType<typeof startCrossbeam>>;
  let landing: VendorLanding;
  const options = (more: object = {}) => ({ partners: partnerIds, page_size: 4, ...more });

  beforeEach(async () => {
    store = createStore(companyOf({ partners, account_overlaps: overlaps }, new Date(now).toISOString()));
    server = await startCrossbeam({ store, now: () => landing.world.now() });
    landing = await VendorLanding.open({ now, sources: [sourceOf(server.url, options())] });
  });
  afterEach(async () => {
    await server.close();
    landing.close();
  });
  const found = () => landing.current('crossbeam', 'account_overlaps');
  const remove = (key: string) => store.apply({ kind: 'delete', stream: 'account_overlaps', key }, landing.world.now());
  const put = (row: CompanyRow) =>
    store.apply({ kind: 'upsert', stream: 'account_overlaps', row }, landing.world.now());
  const reads = () => server.requests().filter(({ url }) => url.startsWith('/v1/overlaps/accounts'));

  test('an overlap that vanishes gets a tombstone; one that comes back was first seen the first time', async () => {
    await landing.load();
    landing.world.advance(48 * HOUR);
    remove(keyOfFirst);
    await landing.load();
    expect((await found()).has(keyOfFirst)).toBe(false);
    expect((await found()).size).toBe(14);
    landing.world.advance(48 * HOUR);
    put(overlaps[0]!);
    await landing.load();
    expect((await found()).get(keyOfFirst)).toMatchObject({ first_seen_at: now });
    expect(
      (await landing.versions('crossbeam', 'account_overlaps', keyOfFirst)).map(({ is_deleted }) => is_deleted),
    ).toEqual([false, true, false]);
  });

  test('a new overlap is first seen when it is first read, and the others keep their time', async () => {
    await landing.load();
    landing.world.advance(72 * HOUR);
    const read = landing.world.now();
    put({ ...overlaps[0]!, account_id: 'A-99' });
    await landing.load();
    expect((await found()).get('P-1|A-99||prospect')).toMatchObject({ first_seen_at: read });
    expect((await found()).get(keyOfFirst)).toMatchObject({ first_seen_at: now });
  });

  test('an account in two populations of a partner is two overlaps; leaving one keeps the other', async () => {
    put({ ...overlaps[0]!, partner_population: 'customer' });
    await landing.load();
    expect([...(await found()).keys()].filter((key) => key.startsWith('P-1|A-1|'))).toEqual([
      'P-1|A-1||customer',
      keyOfFirst,
    ]);
    landing.world.advance(HOUR);
    remove(keyOfFirst);
    await landing.load();
    expect([...(await found()).keys()].filter((key) => key.startsWith('P-1|A-1|'))).toEqual(['P-1|A-1||customer']);
  });

  test('after a first reading only changes are read: one request, as they count against the plan', async () => {
    await landing.load();
    expect(reads()).toHaveLength(4);
    landing.world.advance(HOUR);
    server.clearRequests();
    await landing.load();
    expect(reads()).toHaveLength(1);
  });

  test('another query makes the bookmark worthless without a word: everything is read anew, and nothing is missed', async () => {
    await landing.load();
    landing.world.advance(HOUR);
    remove(keyOfFirst);
    landing.sources = [sourceOf(server.url, options({ page_size: 5 }))];
    await landing.load();
    expect((await found()).has(keyOfFirst)).toBe(false);
    expect((await found()).size).toBe(14);
    expect((await found()).get('P-2|A-2||prospect')).toMatchObject({ first_seen_at: now });
  });

  test('a token lives for a day and is asked for once per reading', async () => {
    const tokens = () => server.requests().filter(({ url }) => url === '/oauth/token').length;
    await landing.load();
    expect(tokens()).toBe(1);
    landing.world.advance(25 * HOUR);
    put({ ...overlaps[0]!, account_id: 'A-98' });
    await landing.load();
    expect(tokens()).toBe(2);
    server.rearm(new Set(['expired_token']));
    landing.sources = [sourceOf(server.url, options({ page_size: 3 }))];
    await landing.load();
    expect(tokens()).toBe(4);
    expect((await found()).size).toBe(16);
  });

  test.each(['data_envelope', 'schema_drift', 'rate_limited', 'reset_mid_page'])(
    '%s costs no overlap',
    async (trap) => {
      server.rearm(new Set([trap]));
      await landing.load();
      expect((await found()).size).toBe(15);
    },
  );

  test('an overlap that comes without its populations is refused, and what was known of it stays', async () => {
    await landing.load();
    landing.world.advance(HOUR);
    put({ ...overlaps[0]!, is_broken: 'true' });
    await landing.load();
    expect(await landing.refused()).toMatchObject([
      { stream: 'account_overlaps', reason: 'missing_partner_population' },
    ]);
    expect((await found()).size).toBe(15);
  });

  test('overlaps of a partner that nobody knows are left out, said by check, and read once the partner is known', async () => {
    const two = { 'partner-1.example': 'P-1', 'partner-2.example': 'P-2' };
    landing.sources = [sourceOf(server.url, options({ partners: two }))];
    await landing.load();
    expect((await found()).size).toBe(10);
    const lines = (await checkSources({ ...context(), world: landing.world })).get('mapping')!;
    expect(lines.find(({ subject }) => subject === 'partners')!.detail).toMatch(
      /2 known; overlaps of 1 are left out.*Partner 3/,
    );
    landing.world.advance(HOUR);
    landing.sources = [sourceOf(server.url, options())];
    await landing.load();
    expect((await found()).size).toBe(15);
    expect((await found()).get(keyOfFirst)).toMatchObject({ first_seen_at: now });
    landing.sources = [sourceOf(server.url, options({ partners: {} }))];
    const [, before] = (await checkSources({ ...context(), world: landing.world })).get('mapping')!;
    expect(before).toMatchObject({ ok: true, detail: expect.stringMatching(/^3 in Crossbeam; a run matches them/) });
  });

  test.each([
    ['the plan has no exports left', {}, 'export_quota', /export/],
    ['another organization', { organization: 'someone-else' }, '', /organization/],
    ['a wrong secret', { client_secret: 'xb-wrong-canary' }, '', /client_secret/],
  ])('%s: stopped with the line that mends it', async (_, more, trap, hint) => {
    server.rearm(new Set([trap]));
    landing.sources = [sourceOf(server.url, options(more))];
    const error = (await landing.load().catch((thrown: unknown) => thrown)) as SourceError;
    expect(error.hint).toMatch(hint);
    expect(`${error.stack}${error.hint}`).not.toMatch(/xb-wrong-canary|xb-refresh/);
  });

  function context() {
    const { workspace, warehouse, sources } = landing;
    return { config: { sources }, workspace, warehouse };
  }
});
