// The HTTP client against a real server on loopback that misbehaves as vendors do.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';

import { type HttpOptions, httpClient } from '../../ingest/http.ts';
import { failure } from './failure.ts';
import { stillWorld } from './world.ts';

type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that gives these replies in turn, the last one again and again; `seen` are the requests it got. */
async function serve(...replies: Reply[]) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    replies[Math.min(seen.length, replies.length) - 1]!(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const good = json({ ok: true });

function client(url: string, more: Partial<HttpOptions> = {}, world = stillWorld()) {
  return { world, http: httpClient(world, { system: 'Vendor', base_url: url, secrets: [], ...more }) };
}

describe('a good answer', () => {
  test('gives bytes, text and JSON; query, headers and body arrive', async () => {
    const { url, seen } = await serve(json({ name: 'Zoë' }));
    const { http } = client(`${url}/v1/`, { headers: { 'x-version': '7' } });
    const answer = await http.post('/things', {
      query: { limit: 3, types: ['a', 'b'], none: undefined },
      json: { a: 1 },
    });
    expect(answer.json()).toEqual({ name: 'Zoë' });
    expect(Buffer.from(answer.bytes).toString()).toBe(answer.text());
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/things?limit=3&types=a&types=b', body: '{"a":1}' });
    expect(seen[0]!.headers).toMatchObject({ 'x-version': '7', 'content-type': 'application/json' });
  });

  test('a zipped answer is unzipped, and one that is cut is no answer', async () => {
    const zipped = gzipSync(JSON.stringify({ name: 'Zoë' }));
    const send =
      (body: Uint8Array): Reply =>
      (_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    const { url, seen } = await serve(send(zipped.subarray(0, 20)), send(zipped));
    expect((await client(url).http.get('/')).json()).toEqual({ name: 'Zoë' });
    expect(seen.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', 'gzip']);
  });

  test('a form is sent as one', async () => {
    const { url, seen } = await serve(good);
    await client(url).http.post('/token', { form: { grant_type: 'refresh_token', secret: 'a b' } });
    expect(seen[0]!.body).toBe('grant_type=refresh_token&secret=a+b');
  });

  test('a next link of the same host is followed, one to another host never', async () => {
    const { url, seen } = await serve(good);
    await client(url).http.get(`${url}/next?page=2`);
    expect(seen[0]!.url).toBe('/next?page=2');
    const { message } = await failure(client(url).http.get('http://127.0.0.2:9/next'));
    expect(message).toContain('another host');
    expect(seen).toHaveLength(1);
  });
});

describe('what may pass is tried again', () => {
  test.each([408, 429, 500, 502, 503, 504, 522])('status %i', async (status) => {
    const { url, seen } = await serve(json({}, status), json({}, status), good);
    expect((await client(url).http.get('/')).json()).toEqual({ ok: true });
    expect(seen).toHaveLength(3);
  });

  test('a connection that breaks in the middle of a body, and one that is cut before', async () => {
    const half: Reply = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"ok":');
      setTimeout(() => response.destroy(), 10);
    };
    const { url, seen } = await serve(half, (request) => request.socket.destroy(), good);
    expect((await client(url).http.get('/')).json()).toEqual({ ok: true });
    expect(seen).toHaveLength(3);
  });

  test('no answer within the timeout', async () => {
    const { url, seen } = await serve(() => undefined, good);
    expect((await client(url, { timeout_ms: 60 }).http.get('/')).json()).toEqual({ ok: true });
    expect(seen).toHaveLength(2);
  });

  test('the wait grows to its cap with full jitter, and ends', async () => {
    const { url, seen } = await serve(json({}, 503));
    const { http, world } = client(url, { attempts: 9 }, stillWorld({ random: () => 0.999999 }));
    const error = await failure(http.get('/'));
    expect(error.transient).toBe(true);
    expect(error.message).toContain('503 (9 attempts)');
    expect(seen).toHaveLength(9);
    expect(world.slept).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    const { http: hasty, world: still } = client(url, {}, stillWorld({ random: () => 0 }));
    await failure(hasty.get('/'));
    expect(new Set(still.slept)).toEqual(new Set([0]));
  });

  test('Retry-After comes first, in seconds or as a date', async () => {
    const at = new Date(Date.UTC(2026, 0, 31, 0, 0, 10)).toUTCString();
    const { url } = await serve(json({}, 429, { 'retry-after': '7' }), json({}, 503, { 'retry-after': at }), good);
    const { http, world } = client(url);
    await http.get('/');
    expect(world.slept).toEqual([7000, 3000]);
  });

  test('nobody waits for hours', async () => {
    const { url, seen } = await serve(json({}, 429, { 'retry-after': '7200' }));
    const error = await failure(client(url).http.get('/'));
    expect(error).toMatchObject({ transient: false, hint: 'Vendor asks to wait 120 minutes; run again then' });
    expect(seen).toHaveLength(1);
  });
});

describe('what will not pass', () => {
  test.each([400, 403, 404, 409, 301])('status %i is asked once', async (status) => {
    const { url, seen } = await serve(json({ message: 'no' }, status));
    const error = await failure(client(url).http.get('/deals'));
    expect(error.transient).toBe(false);
    expect(error.message).toBe(`Vendor: GET /deals was refused with ${status}: no`);
    expect(seen).toHaveLength(1);
  });

  test('the vendor explains it, and a status that the caller takes is an answer', async () => {
    const { url } = await serve(json({ category: 'MISSING_SCOPES' }, 403), json({}, 404));
    const explain = ({ text }: { text: string }) => (text.includes('MISSING_SCOPES') ? 'add the scope' : undefined);
    expect((await failure(client(url, { explain }).http.get('/'))).hint).toBe('add the scope');
    expect((await client(url).http.get('/', { accept: [404] })).status).toBe(404);
  });

  test('a host that is not there', async () => {
    const { url } = await serve(good);
    servers.splice(0)[0]!.close();
    const error = await failure(client(url, { attempts: 2 }).http.get('/'));
    expect(error.message).toBe('Vendor: GET /: the connection is refused (2 attempts)');
    expect(error.hint).toContain(`is ${url} reachable`);
  });
});

describe('signing in', () => {
  const keyed =
    (key: () => string): Reply =>
    (request, response) =>
      (request.headers.authorization === `Bearer ${key()}` ? good : json({ message: 'expired' }, 401))(
        request,
        response,
        '',
      );

  test('a 401 refreshes once and repeats the request', async () => {
    let token = 'old';
    const { url, seen } = await serve(keyed(() => 'new'));
    const { http } = client(url, {
      authorise: async () => ({ authorization: `Bearer ${token}` }),
      refresh: async () => {
        token = 'new';
      },
    });
    expect((await http.get('/')).status).toBe(200);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  test('a second 401 is the end, without a third sign-in', async () => {
    let refreshed = 0;
    const { url, seen } = await serve(json({ message: 'revoked' }, 401));
    const error = await failure(
      client(url, {
        refresh: async () => {
          refreshed++;
        },
      }).http.get('/'),
    );
    expect(error.hint).toContain('does not accept the credentials');
    expect([refreshed, seen.length]).toEqual([1, 2]);
  });
});

describe('limits', () => {
  test('no more requests in a window than allowed', async () => {
    const { url } = await serve(good);
    const { http, world } = client(url, { limits: [{ requests: 3, per_ms: 1000 }] });
    const start = world.now();
    for (let request = 0; request < 7; request++) await http.get('/');
    expect(world.now() - start).toBe(2000);
  });

  test('a pause that the headers ask for', async () => {
    const { url } = await serve(json({}, 200, { 'x-remaining': '0' }), good);
    const { http, world } = client(url, {
      pause_ms: (headers) => (headers['x-remaining'] === '0' ? 1500 : undefined),
    });
    await http.get('/');
    expect(world.slept).toEqual([]);
    await http.get('/');
    expect(world.slept).toEqual([1500]);
  });
});

describe('a web page in place of data', () => {
  test.each([
    ['by its type', { 'content-type': 'text/html; charset=utf-8' }, 'Sign in'],
    ['by its start', { 'content-type': 'application/json' }, '\n<!DOCTYPE html><title>Maintenance</title>'],
  ])('is refused %s', async (_, headers, body) => {
    const { url } = await serve((_request, response) => response.writeHead(200, headers).end(body));
    const error = await failure(client(url).http.get('/deals'));
    expect(error.message).toBe('Vendor: /deals gave a web page instead of data (status 200)');
  });

  test('JSON that is none names the path', async () => {
    const { url } = await serve((_request, response) => response.end('{"cut'));
    const answer = await client(url).http.get('/deals');
    expect(() => answer.json()).toThrow('the answer to /deals is not JSON');
  });
});

test('no message holds a secret, however it is spelt', async () => {
  const key = 'sk_live_canary+/=';
  const basic = Buffer.from(`${key}:`).toString('base64');
  const spellings = `${key} ${encodeURIComponent(key)} ${basic}`;
  const { url } = await serve(json({ message: `unknown key ${spellings}` }, 401));
  const error = await failure(
    client(url, { secrets: [key], explain: ({ text }) => `the key ${key} is wrong: ${text}` }).http.get(
      `/by/${encodeURIComponent(key)}`,
    ),
  );
  const told = `${error.message} ${error.hint} ${error.stack}`;
  expect(told).toContain('unknown key');
  for (const spelling of spellings.split(' ')) expect(told).not.toContain(spelling.replace(/=+$/, ''));
});
