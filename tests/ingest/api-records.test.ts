// What a single record of an API may be (bad-inputs: CRM, billing, partner): a record as JSON, its reason. Every load balances.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiConnector } from '../../ingest/connector.ts';
import { VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-01-31T00:00:00Z');
const columns = [
  'deal_id',
  'account_id',
  'name',
  'created_at',
  'closed_at',
  'is_closed',
  'is_won',
  'amount',
  'currency',
];
const good = { deal_id: 'D-1', is_closed: false, is_won: false };

/** A connector that gives the text of one page, as a system would. */
const pageOf = (body: string): ApiConnector => ({
  name: 'hubspot', // so that the raw log has tables for it
  options: z.object({}),
  delivers: ['deals'],
  check: async () => [],
  objects: async () => [
    {
      object: 'deals',
      records: [
        {
          stream: 'deals',
          fields: Object.fromEntries(columns.map((name) => [name, `$.${name}`])),
          columns: Object.fromEntries(columns.map((name) => [name, name])),
        },
      ],
      query: {},
      async *read({ pages }) {
        await pages.add('deals', body, '$.results[*]');
        yield { state: {} };
      },
    },
  ],
});

let landing: VendorLanding;
beforeEach(async () => {
  landing = await VendorLanding.open({ now, sources: [{ name: 'crm', connector: 'hubspot' }] });
});
afterEach(() => landing.close());

const load = async (...records: string[]) => {
  const body = `{"results":[${records.join(',')}]}`;
  const [loaded] = await landing.load({ connectors: [pageOf(body) as ApiConnector<never>] });
  expect(loaded!.fetched).toBe(loaded!.accepted + loaded!.repeats + loaded!.quarantined);
  return loaded!;
};
const json = (more: object) => JSON.stringify({ ...good, deal_id: 'D-2', ...more });

test.each([
  ['a null id', json({ deal_id: null }), 'missing_deal_id'],
  ['no id', '{"is_closed":false,"is_won":false}', 'missing_deal_id'],
  ['an id with a trailing blank', json({ deal_id: 'D-2 ' }), 'id_with_blank'],
  ['a required field that is gone', '{"deal_id":"D-2","is_won":false}', 'missing_is_closed'],
  ['a required field of another type', json({ is_closed: { value: true } }), 'bad_boolean'],
  ['a close date 0000-00-00', json({ is_closed: true, closed_at: '0000-00-00' }), 'bad_time'],
  ['a time without a zone', json({ created_at: '2025-03-09T02:30:00' }), 'time_without_zone'],
  ['a time as a number', json({ created_at: 1767225600000 }), 'bad_time'],
  ['a negative amount', json({ amount: -5, currency: 'USD' }), 'negative_amount'],
  ['a thousands separator', json({ amount: '1,234.56', currency: 'USD' }), 'bad_amount'],
  ['an exponent', json({ amount: '1e3', currency: 'USD' }), 'bad_amount'],
  ['a third decimal', json({ amount: 12.345, currency: 'USD' }), 'too_many_decimals'],
  ['19 digits', json({ amount: '12345678901234567.89', currency: 'USD' }), 'amount_too_long'],
  ['an unknown currency', json({ amount: 1, currency: 'US$' }), 'unknown_currency'],
  ['U+0000', json({ name: 'A\u0000B' }), 'nul_character'],
  ['won but not closed', json({ is_won: true }), 'won_but_not_closed'],
])('%s is refused', async (_, record, reason) => {
  expect(await load(JSON.stringify(good), record)).toMatchObject({ fetched: 2, accepted: 1, quarantined: 1 });
  expect(await landing.refused()).toMatchObject([{ stream: 'deals', reason }]);
  expect([...(await landing.current('hubspot', 'deals')).keys()]).toEqual(['D-1']);
});

test.each([
  ['an amount as a number', json({ amount: 1234.5, currency: 'USD' }), { amount: '1234.5' }],
  ['dinars with three decimals', json({ amount: 1.234, currency: 'KWD' }), { amount: '1.234' }],
  ['no amount on a won deal', json({ is_closed: true, is_won: true, closed_at: '2025-03-01' }), { amount: null }],
  ['an expected close far away on an open deal', json({ closed_at: '2099-12-31' }), { is_closed: 'false' }],
  ['a number as id', json({ deal_id: 42 }), { deal_id: '42' }],
  ['50,000 characters, emoji, right-to-left', json({ name: '🚀שלום'.repeat(8000) }), { name: '🚀שלום'.repeat(8000) }],
  [
    'quotes, line breaks and SQL',
    json({ name: `'; DROP TABLE raw.cursor; --\n"` }),
    { name: `'; DROP TABLE raw.cursor; --\n"` },
  ],
])('%s is taken as stated', async (_, record, expected) => {
  expect(await load(record)).toMatchObject({ fetched: 1, accepted: 1, quarantined: 0 });
  expect([...(await landing.current('hubspot', 'deals')).values()]).toMatchObject([expected]);
});

test('ids that differ by case alone are two; what comes twice is one; the later of two bodies is current', async () => {
  const [one, other] = [json({ deal_id: '006Ab' }), json({ deal_id: '006aB' })];
  expect(await load(one, other, one)).toMatchObject({ accepted: 2, repeats: 1 });
  expect(
    await load(json({ deal_id: '006Ab', name: 'first' }), json({ deal_id: '006Ab', name: 'second' })),
  ).toMatchObject({
    accepted: 2,
  });
  const current = await landing.current('hubspot', 'deals');
  expect([...current.keys()].sort()).toEqual(['006Ab', '006aB'].sort());
  expect(current.get('006Ab')).toMatchObject({ name: 'second' });
});

test.each([
  [
    'five of six without a field',
    `{"results":[${[good, ...[2, 3, 4, 5, 6].map((id) => ({ deal_id: `D-${id}` }))].map((deal) => JSON.stringify(deal))}]}`,
    /^crm: deals: 5 of 6 deals cannot be used; 5 for missing_is_closed/,
  ],
  ['a page without a list', '{"message":"later"}', /^crm: deals: a page of deals has no records at \$.results\[\*\]$/],
  ['a page that is no JSON', '{"results":[{', /^crm: deals: a page of deals is not JSON$/],
])('%s halts, in words that name source and object once', async (_, body, message) => {
  await expect(landing.load({ connectors: [pageOf(body) as ApiConnector<never>] })).rejects.toThrow(message);
});
