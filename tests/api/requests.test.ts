// Bad requests (bad-inputs.md, Config and API): each gets its own 4xx and a stable code, never a 500.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repeatedKey } from '../../api/requests.ts';
import { Problem } from '../../api/schemas.ts';
import { FIRST, secrets, tinyApp } from './fixture.ts';
import { questions } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

test.each([
  ['/v1/deals?partner_id=a&partner_id=b', 400, 'parameter_repeated'],
  ['/v1/deals?__proto__=1', 400, 'parameter_unknown'],
  ['/v1/deals?constructor=1', 400, 'parameter_unknown'],
  ['/v1/deals?partner=crm:P-1', 400, 'parameter_unknown'],
  ['/v1/revenue/monthly?from=2026-03&to=2026-01', 400, 'range_reversed'],
  ['/v1/revenue/monthly?from=2026-13', 400, 'parameter_invalid'],
  ['/v1/revenue/monthly?from=2026-1', 400, 'parameter_invalid'],
  ['/v1/revenue/monthly?basis=cash', 400, 'parameter_invalid'],
  ['/v1/revenue/monthly?currency=usd', 400, 'parameter_invalid'],
  ['/v1/revenue/monthly?format=xml', 400, 'parameter_invalid'],
  ['/v1/revenue/partners?top=0', 400, 'parameter_invalid'],
  ['/v1/revenue/partners?top=101', 400, 'parameter_invalid'],
  ['/v1/attribution?method=magic', 400, 'parameter_invalid'],
  ['/v1/attribution?group_by=colour', 400, 'parameter_invalid'],
  ['/v1/attribution?group_by=', 400, 'parameter_invalid'],
  ['/v1/commissions/liability?as_of=2026-02-30', 400, 'parameter_invalid'],
  ['/v1/commissions/liability?as_of=yesterday', 400, 'parameter_invalid'],
  ['/v1/commissions/liability?as_of=2026-02-10&month=2026-01', 400, 'parameter_invalid'],
  ['/v1/deals/crm:D-404', 404, 'not_found'],
  ['/v1/deals/crm:D-404/journey', 404, 'not_found'],
  ['/v1/deals/%00', 404, 'not_found'],
  [`/v1/deals/${'x'.repeat(1900)}`, 404, 'not_found'],
  [`/v1/deals/${'x'.repeat(2500)}`, 404, 'not_found'],
  ["/v1/deals/crm:D-1' OR 1=1 --", 404, 'not_found'],
  ['/v1/partners/crm:P-404', 404, 'not_found'],
  ['/v1/partners/crm:P-404/revenue', 404, 'not_found'],
  ['/v1/commissions/statements/S-404', 404, 'not_found'],
  ['/v1/explain/nothing', 404, 'not_found'],
  ['/v1/explain/revenue/2031-01/paid', 404, 'not_found'],
  ['/v1/explain/party/partner/crm:P-1/2026-01/paid/magic', 400, 'parameter_invalid'],
  ['/v1/nothing', 404, 'not_found'],
  ['/v1/deals/%zz', 400, 'request_invalid'],
])('GET %s → %i %s', async (url, status, code) => {
  const answer = await tiny.get(url);
  const problem = Problem.parse(answer.json());
  expect([answer.statusCode, problem.status, problem.code]).toEqual([status, status, code]);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

test('a method that a path does not take: 405 with those that it takes; a path that is not there stays 404', async () => {
  for (const url of ['/v1/deals', '/v1/deals/crm:D-1/journey', '/v1/explain/crm:P-1/2026-01', '/v1/session'])
    for (const method of ['PUT', 'PATCH'] as const) {
      const answer = await tiny.app.inject({ method, url });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 405, 'method_not_allowed']);
      expect(answer.headers.allow).toMatch(/^(GET, HEAD|POST, GET, HEAD, DELETE)$/);
    }
  expect((await tiny.app.inject({ method: 'PUT', url: '/v1/nothing' })).statusCode).toBe(404);
});

test('every answer carries the release and an entity tag', async () => {
  await tiny.get('/v1/release');
  for (const url of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/login',
    '/v1/me',
    '/v1/nothing',
    '/v1/session',
  ]) {
    const { headers } = await tiny.get(url);
    expect([url, headers['x-release-id'], headers.etag]).toEqual([url, FIRST, expect.stringMatching(/^"[\w-]{27}"$/)]);
  }
});

test('an unknown parameter is refused on every route', async () => {
  for (const { url, askers } of questions.filter(({ path }) => path !== '/v1/session')) {
    const answer = await tiny.get(`${url}${url.includes('?') ? '&' : '?'}surprise=1`, secrets[askers[0]!]);
    expect([url, answer.statusCode, answer.json().code]).toEqual([url, 400, 'parameter_unknown']);
  }
});

test('errors name the release that they were answered over', async () => {
  await tiny.get('/v1/release');
  expect((await tiny.get('/v1/deals/crm:D-404')).headers['x-release-id']).toBe(FIRST);
});

describe('bodies', () => {
  const post = async (payload: string, type = 'application/json') => {
    const answer = await tiny.app.inject({
      method: 'POST',
      url: '/v1/session',
      payload,
      headers: { 'content-type': type },
    });
    return [answer.statusCode, answer.json().code];
  };

  test.each([
    ['{"key":"a","key":"b"}', 400, 'key_repeated'],
    ['{"key":"a","__proto__":{"x":1}}', 400, 'body_invalid'],
    ['{"key":"a","constructor":{"prototype":{"x":1}}}', 400, 'body_invalid'],
    ['{"key":1}', 400, 'body_invalid'],
    ['{"key":"a","more":1}', 400, 'body_invalid'],
    ['{"key":', 400, 'body_invalid'],
    ['', 400, 'body_invalid'],
    ['[]', 400, 'body_invalid'],
    ['null', 400, 'body_invalid'],
  ])('%s → %i %s', async (payload, status, code) => {
    expect(await post(payload)).toEqual([status, code]);
  });

  test('2 MB are too much', async () => {
    expect(await post(JSON.stringify({ key: 'x'.repeat(2_000_000) }))).toEqual([413, 'body_too_large']);
  });

  test('only JSON is read', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'multipart/form-data; boundary=x',
    ])
      expect(await post('key=a', type)).toEqual([415, 'media_type_unsupported']);
  });
});

test('a repeated key is found in its own object only', () => {
  expect(repeatedKey('{"a":{"b":1},"b":[{"b":1},{"b":2}]}')).toBeUndefined();
  expect(repeatedKey('{"a":"a","b":["a","a"]}')).toBeUndefined();
  expect(repeatedKey('{"x":[{"a":1,"\\u0061":2}]}')).toBe('a');
  expect(repeatedKey('{"a\\":":1,"a\\":":2}')).toBe('a":');
});
