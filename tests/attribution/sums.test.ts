// Amounts that 64 bits hold one by one and not together: refused in words, never a wrong sum.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseTooMuch, SUM_MAX } from '../../attribution/sums.ts';
import { type Company, type Desk, openDesk } from './commission/company.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const company: Company = {
  plans: [
    {
      plan: 'referral',
      starts_on: '2025-01-01',
      currency: 'USD',
      components: [{ kind: 'percent', rate: '0.20' }],
    },
  ],
  default_plan: 'referral',
  partners: { 'P-1': {} },
  deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-1' }, 'D-2': { closed: '2026-01-01', sourced: 'P-1' } },
  invoices: {
    'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n } },
    'I-2': { deal: 'D-2', issued: '2026-01-05', lines: { 'L-2': 1000n } },
  },
  events: ['2026-01-10 payment PY-1 I-1 1000', '2026-01-10 payment PY-2 I-2 1000'],
};

const beyond = (id: string) =>
  `beans in USD add up to more than 64 bits hold; the largest amount is 92233720368547758.07 (${id})`;

test.each([
  ['what 64 bits hold', [SUM_MAX, 0n], undefined],
  ['one more', [SUM_MAX, 1n], beyond('row-0')],
  ['signs that would cancel', [1n, -SUM_MAX], beyond('row-1')],
])('%s, each currency apart', async (_, amounts, message) => {
  const rows = [...amounts.map((amount, row) => `('row-${row}', 'USD', ${amount})`), `('other', 'EUR', ${SUM_MAX})`];
  const refused = refuseTooMuch(desk.warehouse, [
    { what: 'beans', rows: `select * from (values ${rows.join(', ')}) as bean (id, currency, amount_minor)` },
  ]);
  if (message) await expect(refused).rejects.toThrow(message);
  else await refused;
});

test('amounts that are too much together once they are converted', async () => {
  const deal = { closed: '2026-01-01', currency: 'EUR', amount: 4_500_000_000_000_000_000n };
  const run = desk.run({
    ...company,
    deals: { 'D-1': deal, 'D-2': deal },
    rates: ['2026-01-01 EUR USD 1.10', '2026-01-10 EUR USD 1.10'],
  });
  await expect(run).rejects.toThrow(/^booked amounts, converted, in USD add up to more than 64 bits hold/);
  expect(desk.books.ledger.head().sequence).toBe(0n);
});

test('commissions that are too much together are not posted', async () => {
  const flat = { kind: 'flat', amount: '50000000000000000' };
  const plans = [{ ...company.plans[0]!, components: [flat] }];
  await expect(desk.run({ ...company, plans })).rejects.toThrow(/^commissions in USD add up to more than 64 bits hold/);
  expect(desk.books.ledger.head().sequence).toBe(0n);
  expect(await desk.run(company)).toBe(2);
});
