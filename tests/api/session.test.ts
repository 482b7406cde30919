// Signing in from a browser: the cookie, its end, the origin check, the limit on failures.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secrets, tinyApp } from './fixture.ts';

let clock = Date.parse('2026-03-01T12:00:00Z');
let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeEach(async () => {
  tiny = await tinyApp({ now: () => clock });
});
afterEach(() => tiny.close());

const signIn = (key: string, headers: Record<string, string> = {}) =>
  tiny.app.inject({
    method: 'POST',
    url: '/v1/session',
    payload: { key },
    headers: { host: 'sourced.test', ...headers },
  });

async function cookieOf(key: string): Promise<string> {
  const { name, value } = (await signIn(key)).cookies[0]!;
  return `${name}=${value}`;
}

const signOut = (cookie: string, origin: string) =>
  tiny.app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie, host: 'sourced.test', origin } });

const withCookie = (url: string, cookie: string, accept = 'application/json') =>
  tiny.app.inject({ method: 'GET', url, headers: { cookie, accept } });

test('a key becomes a cookie that scripts and other sites cannot use, for 8 hours', async () => {
  const answer = await signIn(secrets.finance);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ person: 'Finn', role: 'finance', partner_id: null, home: '/finance/' });
  expect(answer.cookies[0]).toMatchObject({ name: 'sourced_session', httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(answer.cookies[0]!.value).not.toContain(secrets.finance);
  expect(answer.cookies[0]!.expires?.getTime()).toBe(clock + 8 * 3_600_000);
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('the cookie acts for its role until it expires', async () => {
  const cookie = await cookieOf(secrets.finance);
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(200);
  expect((await withCookie('/v1/me', cookie)).statusCode).toBe(403);
  expect((await withCookie('/v1/session', cookie)).json()).toMatchObject({
    role: 'finance',
    expires_at: '2026-03-01T20:00:00.000Z',
  });
  const start = clock;
  clock += 8 * 3_600_000 - 1;
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(200);
  clock += 1;
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(401);
  clock = start;
});

test('signing out ends the session', async () => {
  const cookie = await cookieOf(secrets.revops);
  expect((await signOut(cookie, 'http://sourced.test')).statusCode).toBe(204);
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(401);
});

test('a program that sends no Origin may sign out and in again with its cookie; it decides with its key', async () => {
  const cookie = await cookieOf(secrets.finance);
  expect((await signIn(secrets.finance, { cookie })).statusCode).toBe(200);
  const decided = await tiny.app.inject({
    method: 'POST',
    url: '/v1/commissions/statements/S-1/approve',
    headers: { cookie, host: 'sourced.test' },
    payload: {},
  });
  expect(decided.json().code).toBe('origin_not_allowed');
  const out = await tiny.app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie } });
  expect(out.statusCode).toBe(204);
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(401);
});

test('a revoked key ends its sessions at once', async () => {
  const cookie = await cookieOf(secrets.leadership);
  tiny.keys.revoke('k1');
  expect((await withCookie('/v1/revenue/monthly', cookie)).statusCode).toBe(401);
  expect((await tiny.get('/v1/revenue/monthly')).statusCode).toBe(401);
  expect((await signIn(secrets.leadership)).json().code).toBe('key_unknown');
});

test('pages of another site can neither sign in nor out', async () => {
  for (const origin of ['http://evil.test', 'null', 'http://sourced.test.evil.test', 'http://sourced.test:81'])
    expect((await signIn(secrets.finance, { origin })).json().code).toBe('origin_not_allowed');
  expect((await signIn(secrets.finance, { origin: 'http://sourced.test' })).statusCode).toBe(200);
  const cookie = await cookieOf(secrets.finance);
  expect((await signOut(cookie, 'http://evil.test')).statusCode).toBe(403);
  expect((await withCookie('/v1/session', cookie)).statusCode).toBe(200);
});

test('failed sign-ins are limited, successful ones are not; while limited, no guess is tested', async () => {
  for (let attempt = 0; attempt < 30; attempt++) expect((await signIn(secrets.finance)).statusCode).toBe(200);
  for (let attempt = 0; attempt < 10; attempt++) expect((await signIn(`guess-${attempt}`)).statusCode).toBe(401);
  const refused = await signIn('guess-11');
  expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_attempts']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await signIn(secrets.finance)).statusCode).toBe(429);
});

test('a made-up cookie is nobody', async () => {
  expect((await withCookie('/v1/session', 'sourced_session=abc')).statusCode).toBe(401);
  expect((await withCookie('/v1/session', 'sourced_session=__proto__')).statusCode).toBe(401);
});
