// `top` keeps the partners with the most credit under any method, and leaves channels and the unattributed as they are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyApp } from './fixture.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

const parties = async (query: string) => {
  const { items } = (await tiny.get(`/v1/attribution?basis=paid&group_by=party&currency=reporting${query}`)).json();
  return items as { party_kind: string; party_id: string; reporting_amount: { amount_minor: string } }[];
};

test('one partner of several, everything else as before', async () => {
  const all = await parties('');
  const one = await parties('&top=1');
  const partners = (rows: typeof all) => rows.filter(({ party_kind }) => party_kind === 'partner');
  const rest = (rows: typeof all) => rows.filter(({ party_kind }) => party_kind !== 'partner');
  const largest = partners(all).toSorted(
    (left, right) => Number(right.reporting_amount.amount_minor) - Number(left.reporting_amount.amount_minor),
  )[0]!;
  expect(new Set(partners(all).map(({ party_id }) => party_id)).size).toBeGreaterThan(1);
  expect(partners(one)).toEqual(partners(all).filter(({ party_id }) => party_id === largest.party_id));
  expect(rest(one)).toEqual(rest(all));
});

test('top is a number from 1 to 100', async () => {
  expect((await tiny.get('/v1/attribution?top=0')).statusCode).toBe(400);
});
