// How `check` tells a missing permission from a cause of all, against a real server: by the status, never by words.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkEach } from '../../ingest/check.ts';
import { httpClient } from '../../ingest/http.ts';
import { RequestError } from '../../ingest/request-error.ts';
import { stillWorld } from './world.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const needs = ['deals', 'leads', 'payouts'].map((subject) => ({ subject, without: `no ${subject}` }));

/** Asks a server for each need; `answers` are statuses by path, else 200, and every refusal says `words`. */
async function checked(answers: Readonly<Record<string, number>>, words = 'no') {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.slice(1);
    asked.push(path);
    response.writeHead(answers[path] ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify({ words }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = httpClient(stillWorld(), { system: 'Vendor', base_url, secrets: [], attempts: 1 });
  const lines = await checkEach(needs, async ({ subject }) => (await client.get(subject)) && 'can be read');
  return { lines, asked, client };
}

test('a missing permission is the own failure of what it keeps from being read', async () => {
  const { lines } = await checked({ deals: 403, payouts: 403 });
  expect(lines).toEqual([
    { subject: 'deals', ok: false, detail: expect.stringMatching(/; until then no deals$/) },
    { subject: 'leads', ok: true, detail: 'can be read' },
    { subject: 'payouts', ok: false, detail: expect.stringMatching(/; until then no payouts$/) },
  ]);
});

test.each([401, 404, 503])('a status %i at first is of all, and is told once', async (status) => {
  const { lines, asked } = await checked({ deals: status, leads: status, payouts: status });
  expect(lines).toEqual([{ subject: 'connection', ok: false, detail: expect.not.stringContaining('no deals') }]);
  expect(asked).toEqual(['deals']);
});

test('the words of a refusal decide nothing', async () => {
  const { lines } = await checked({ deals: 401 }, 'was refused with 403');
  expect(lines.map(({ subject }) => subject)).toEqual(['connection']);
});

test('what is refused later than something was read is told by its name; what may pass ends the check', async () => {
  expect((await checked({ leads: 404 })).lines.map(({ subject, ok }) => [subject, ok])).toEqual([
    ['deals', true],
    ['leads', false],
    ['payouts', true],
  ]);
  expect((await checked({ leads: 503 })).asked).toEqual(['deals', 'leads']);
});

test('a refusal carries its status', async () => {
  const { client } = await checked({ deals: 403 });
  const error = await client.get('deals').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ status: 403, transient: false });
});

test('a bug of ours is no line of a check', async () => {
  const bug = checkEach(needs, () => Promise.reject(new TypeError('bug')));
  await expect(bug).rejects.toThrow(TypeError);
});
