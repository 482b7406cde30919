// Pages and their data: which role may have which file, and where everyone else is sent.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIRST, publish, SECOND, secrets, tinyApp, writeRelease } from './fixture.ts';
import type { Asker } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

const html = { accept: 'text/html' };
const readers: Record<string, Asker[]> = {
  '/leadership/': ['leadership', 'revops', 'finance'],
  '/revops/': ['revops'],
  '/revops/deals': ['revops'],
  '/finance/': ['finance'],
  '/trust/': ['leadership', 'revops', 'finance'],
  '/partner/': ['partner', 'other_partner'],
  '/_file/data/leadership/month.1234abcd.json': ['leadership', 'revops', 'finance'],
  '/_file/data/revops/credit.1234abcd.json': ['revops'],
  '/_file/data/finance/close.1234abcd.json': ['finance'],
  '/_file/data/trust/audits.1234abcd.json': ['leadership', 'revops', 'finance'],
  '/_observablehq/client.0a1b2c3d.js': ['leadership', 'revops', 'finance', 'partner', 'other_partner'],
  '/_import/components/frame.deadbeef.js': ['leadership', 'revops', 'finance', 'partner', 'other_partner'],
};

test.each(Object.entries(readers))('%s', async (url, allowed) => {
  for (const asker of Object.keys(secrets) as Asker[]) {
    const answer = await tiny.get(url, secrets[asker], url.startsWith('/_') ? {} : html);
    expect([asker, answer.statusCode]).toEqual([asker, allowed.includes(asker) ? 200 : 403]);
    expect(answer.body.includes(`of ${FIRST}`)).toBe(allowed.includes(asker));
  }
  const stranger = await tiny.app.inject({ url, headers: html });
  expect(stranger.body).not.toContain(FIRST);
  if (url.startsWith('/_')) expect(stranger.statusCode).toBe(401);
  else
    expect([stranger.statusCode, stranger.headers.location]).toEqual([303, `/login?next=${encodeURIComponent(url)}`]);
});

test.each([
  '/secret.html',
  '/secret',
  '/manifest.json',
  '/_file/notes.1234abcd.json',
  '/_file/data/month.json',
  '/leadership/../finance/index.html',
  '/leadership/%2e%2e/finance/index.html',
  '/leadership/..%2ffinance%2findex.html',
  '/leadership/..%5cfinance%5cindex.html',
  '/_import/..%2f..%2fmanifest.json',
  '/_import/../../dim_partner.parquet',
  '/_observablehq/%2e%2e/%2e%2e/manifest.json',
  '/_file/data/leadership/..%2ffinance%2fclose.1234abcd.json',
  '/leadership/%00',
  '/_file/data/leadership%2f..%2ffinance/close.1234abcd.json',
  '/leadership/nothing',
])('%s is no page', async (url) => {
  const answer = await tiny.get(url, secrets.leadership);
  expect([403, 404]).toContain(answer.statusCode);
  expect(answer.body).not.toContain(`of ${FIRST}`);
});

test('the root leads each role to its first page, and strangers to the sign-in', async () => {
  const to = async (headers: Record<string, string>) => (await tiny.app.inject({ url: '/', headers })).headers.location;
  expect(await to({})).toBe('/login');
  expect(await to({ authorization: `Bearer ${secrets.partner}` })).toBe('/partner/');
  expect(await to({ authorization: `Bearer ${secrets.leadership}` })).toBe('/leadership/');
  expect((await tiny.get('/trust', secrets.finance)).headers.location).toBe('/trust/');
});

test('pages are never kept by a proxy; code with a digest in its name is', async () => {
  expect((await tiny.get('/leadership/')).headers['cache-control']).toBe('private, no-cache');
  expect((await tiny.get('/_import/components/frame.deadbeef.js')).headers['cache-control']).toContain('immutable');
});

test('every page forbids what comes from another host', async () => {
  for (const url of ['/login', '/leadership/', '/docs/']) {
    const policy = String((await tiny.get(url)).headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('http');
  }
});

test('the pages of a new release follow without a restart', async () => {
  const other = await tinyApp();
  expect((await other.get('/leadership/')).body).toContain(FIRST);
  await writeRelease({ releasesDirectory: other.releasesDirectory, release_id: SECOND });
  publish(other.releasesDirectory, SECOND);
  const answer = await other.get('/leadership/');
  expect([answer.body, answer.headers['x-release-id']]).toEqual([`leadership/index.html of ${SECOND}`, SECOND]);
  await other.close();
});
