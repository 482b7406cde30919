// The release behind the answers: hot switch, what is under way, a release that cannot be opened, ETags, old releases.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { openReleaseStore } from '../../api/release-store.ts';
import { FIRST, keyStore, publish, SECOND, secrets, tinyApp, writeRelease } from './fixture.ts';
import { questions } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeEach(async () => {
  tiny = await tinyApp();
});
afterEach(() => tiny.close());

const paidTotal = async () => {
  const answer = await tiny.get('/v1/revenue/monthly?month=2026-01&basis=paid&currency=USD');
  return [answer.headers['x-release-id'], answer.json().release_id, answer.json().items[0].total.amount];
};

async function publishSecond() {
  await writeRelease({ releasesDirectory: tiny.releasesDirectory, release_id: SECOND, shift_minor: 5000n });
  publish(tiny.releasesDirectory, SECOND);
}

test('a new release is served with the next request, also under a cached address', async () => {
  expect(await paidTotal()).toEqual([FIRST, FIRST, '1007.00']);
  await publishSecond();
  expect(await paidTotal()).toEqual([SECOND, SECOND, '1057.00']);
  publish(tiny.releasesDirectory, FIRST);
  expect(await paidTotal()).toEqual([FIRST, FIRST, '1007.00']);
});

test('while releases change, every answer is of one release', async () => {
  await publishSecond();
  const figures: Record<string, string> = { [FIRST]: '1007.00', [SECOND]: '1057.00' };
  for (let round = 0; round < 6; round++) {
    const asked = Array.from({ length: 12 }, (_, index) =>
      tiny.get(`/v1/revenue/monthly?month=2026-01&basis=paid&currency=USD&limit=${index + 1 + round * 12}`),
    );
    publish(tiny.releasesDirectory, round % 2 === 0 ? FIRST : SECOND);
    for (const answer of await Promise.all(asked)) {
      expect(answer.statusCode).toBe(200);
      const { release_id, items } = answer.json();
      expect([answer.headers['x-release-id'], items[0].total.amount]).toEqual([release_id, figures[release_id]]);
    }
  }
});

test('a lease keeps its release open after the switch, and ends it', async () => {
  const store = openReleaseStore({ releasesDirectory: tiny.releasesDirectory });
  const before = await store.lease();
  await publishSecond();
  const after = await store.lease();
  expect([before.release.manifest.release_id, after.release.manifest.release_id]).toEqual([FIRST, SECOND]);
  expect((await before.release.rows('SELECT count(*) AS deals FROM dim_deal'))[0]).toEqual({ deals: 5n });
  before.end();
  before.end();
  await expect(before.release.rows('SELECT 1 AS one')).rejects.toThrow();
  expect((await after.release.rows('SELECT 1 AS one'))[0]).toEqual({ one: 1 });
  after.end();
  store.close();
});

test('a release that cannot be opened leaves the one before in use', async () => {
  expect((await paidTotal())[0]).toBe(FIRST);
  const broken = join(tiny.releasesDirectory, 'cccccccccccccccc');
  mkdirSync(broken);
  writeFileSync(join(broken, 'manifest.json'), '{"release_id":');
  publish(tiny.releasesDirectory, 'cccccccccccccccc');
  expect(await paidTotal()).toEqual([FIRST, FIRST, '1007.00']);
  await publishSecond();
  expect((await paidTotal())[0]).toBe(SECOND);
});

test('before the first release everything that needs one says so', async () => {
  const releasesDirectory = mkdtempSync(join(tmpdir(), 'sourced-api-'));
  const app = await buildApp({ releasesDirectory, keys: keyStore() });
  const headers = { authorization: `Bearer ${secrets.finance}` };
  for (const url of ['/v1/release', '/readyz', '/leadership/']) {
    const answer = await app.inject({ url, headers });
    expect([url, answer.statusCode, answer.json().code]).toEqual([url, 503, 'no_release']);
    expect(answer.headers['retry-after']).toBe('10');
  }
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  expect((await app.inject('/login')).statusCode).toBe(200);
  await writeRelease({ releasesDirectory, release_id: FIRST });
  publish(releasesDirectory, FIRST);
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready', release_id: FIRST });
  await app.close();
  rmSync(releasesDirectory, { recursive: true });
});

test('every answer has a release id and an ETag, and is not sent twice', async () => {
  for (const { url, askers } of questions.filter(({ path }) => path !== '/v1/session')) {
    const secret = secrets[askers[0]!];
    const first = await tiny.get(url, secret);
    const etag = String(first.headers.etag);
    expect([url, first.headers['x-release-id']]).toEqual([url, FIRST]);
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await tiny.get(url, secret, { 'if-none-match': known });
      expect([url, again.statusCode, again.body, again.headers.etag]).toEqual([url, 304, '', etag]);
    }
    expect((await tiny.get(url, secret, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    expect(first.headers.vary).toContain('Authorization');
  }
});

test('the ETag tells formats, questions and releases apart', async () => {
  const tag = async (url: string, accept = 'application/json') =>
    (await tiny.get(url, secrets.finance, { accept })).headers.etag;
  const url = '/v1/revenue/monthly';
  const tags = [await tag(url), await tag(url, 'text/csv'), await tag(`${url}?basis=paid`)];
  await publishSecond();
  tags.push(await tag(url));
  expect(new Set(tags).size).toBe(4);
});

test('HEAD answers like GET without the body', async () => {
  const answer = await tiny.app.inject({
    method: 'HEAD',
    url: '/v1/deals',
    headers: { authorization: `Bearer ${secrets.finance}` },
  });
  expect([answer.statusCode, answer.body, answer.headers['x-release-id']]).toEqual([200, '', FIRST]);
});

test('a release written before a table or column existed is read all the same', async () => {
  const old = await tinyApp({
    without: ['fct_touchpoint', 'fct_statement', 'fct_statement_line', 'fct_partner_activation', 'lineage_edge'],
  });
  expect((await old.get('/v1/deals/crm:D-1/journey')).json().touches).toEqual([]);
  expect((await old.get('/v1/partners')).statusCode).toBe(200);
  expect((await old.get('/v1/explain/crm:D-1')).json().records).toEqual([]);
  const missing = await old.get('/v1/commissions/statements');
  expect([missing.statusCode, missing.json().code]).toEqual([404, 'not_found']);
  await old.close();
});

test('columns that came later change no answer', async () => {
  const further = [
    'partner_id',
    'deal_id',
    'account_id',
    'name',
    'created_at',
    'currency',
    'amount_minor',
    'month',
    'state',
    'motion',
    'rule',
    'kind',
  ];
  const later = await tinyApp({ further });
  for (const { url, askers } of questions.filter(({ path }) => path !== '/v1/session')) {
    const secret = secrets[askers[0]!];
    expect([url, (await later.get(url, secret)).body]).toEqual([url, (await tiny.get(url, secret)).body]);
  }
  await later.close();
});

test('a question in SQL can reach the files of its release and nothing else', async () => {
  const store = openReleaseStore({ releasesDirectory: tiny.releasesDirectory });
  const { release, end } = await store.lease();
  const outside = join(tiny.releasesDirectory, 'outside.csv');
  writeFileSync(outside, 'a\n1\n');
  for (const sql of [
    `SELECT * FROM read_csv('${outside}')`,
    `COPY dim_deal TO '${join(tiny.releasesDirectory, FIRST, 'copy.csv')}'`,
    `ATTACH '${join(tiny.releasesDirectory, 'other.duckdb')}'`,
    'SET enable_external_access = true',
    'INSTALL httpfs',
  ])
    await expect(release.rows(sql)).rejects.toThrow();
  end();
  store.close();
});
