// Paging: pages of one row give what one page gives; bounds hold; a cursor belongs to its question and its release.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publish, SECOND, secrets, tinyApp, writeRelease } from './fixture.ts';
import { lists, withParameters } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

const PAGES_MAX = 50;

describe.each(lists)('$path', ({ url, askers }) => {
  test('pages of one row add up to the whole', async () => {
    const secret = secrets[askers[0]!];
    const whole: unknown[] = (await tiny.get(url, secret)).json().items;
    const walked: unknown[] = [];
    let cursor: string | null = '';
    for (let page = 0; page < PAGES_MAX && cursor !== null; page++) {
      const parameters: Record<string, string> = { limit: '1', ...(cursor ? { cursor } : {}) };
      const answer: { items: unknown[]; next_cursor: string | null } = (
        await tiny.get(withParameters(url, parameters), secret)
      ).json();
      expect(answer.items.length).toBeLessThanOrEqual(1);
      walked.push(...answer.items);
      cursor = answer.next_cursor;
    }
    expect(walked).toEqual(whole);
    expect(cursor).toBeNull();
  });
});

const problemOf = async (url: string) => {
  const { statusCode, body } = await tiny.get(url);
  return [statusCode, JSON.parse(body).code];
};

test.each(['0', '-1', '1e9', '10001', '1.5', 'ten', '', '0x10', ' 5'])('limit=%s is refused', async (limit) => {
  expect(await problemOf(`/v1/deals?limit=${encodeURIComponent(limit)}`)).toEqual([400, 'parameter_invalid']);
});

test('a cursor that nobody gave is refused', async () => {
  for (const cursor of [
    'x',
    '%00',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["a"]').toString('base64url'),
  ])
    expect(await problemOf(`/v1/deals?cursor=${cursor}`)).toEqual([400, 'cursor_invalid']);
});

test('a cursor of another question, or of another asker, is refused', async () => {
  const { next_cursor } = (await tiny.get('/v1/deals?limit=1')).json();
  expect(await problemOf(`/v1/deals?state=won&cursor=${next_cursor}`)).toEqual([400, 'cursor_invalid']);
  expect(await problemOf(`/v1/conflicts?cursor=${next_cursor}`)).toEqual([400, 'cursor_invalid']);
  const other = await tiny.get(`/v1/deals?cursor=${next_cursor}`, secrets.finance);
  expect(other.json().code).toBe('cursor_invalid');
  expect((await tiny.get(`/v1/deals?limit=3&cursor=${next_cursor}`)).statusCode).toBe(200);
});

test('a cursor does not walk from one release into the next', async () => {
  const other = await tinyApp();
  const { next_cursor } = (await other.get('/v1/deals?limit=1')).json();
  await writeRelease({ releasesDirectory: other.releasesDirectory, release_id: SECOND });
  publish(other.releasesDirectory, SECOND);
  const answer = await other.get(`/v1/deals?cursor=${next_cursor}`);
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'release_changed']);
  await other.close();
});

test('a journey is paged by its touches', async () => {
  const whole = (await tiny.get('/v1/deals/crm:D-1/journey')).json();
  expect(whole.touches.map(({ touchpoint_id }: { touchpoint_id: string }) => touchpoint_id)).toEqual([
    'crm:T-1',
    'crm:T-2',
    'crm:T-3',
    'crm:T-4',
  ]);
  const first = (await tiny.get('/v1/deals/crm:D-1/journey?limit=3')).json();
  const rest = (await tiny.get(`/v1/deals/crm:D-1/journey?limit=3&cursor=${first.next_cursor}`)).json();
  expect([...first.touches, ...rest.touches]).toEqual(whole.touches);
});

test('a journey shows what each touch earned of its party, and nothing where it does not count', async () => {
  const { touches, weights } = (await tiny.get('/v1/deals/crm:D-1/journey')).json();
  const ofParty = Object.fromEntries(
    weights.map((party: { party_id: string; weights: object }) => [party.party_id, party.weights]),
  );
  expect(touches.map(({ weights: own }: { weights: object | null }) => own)).toEqual([
    ofParty['crm:P-1'],
    ofParty.sales,
    ofParty['crm:P-2'],
    null,
  ]);
});
