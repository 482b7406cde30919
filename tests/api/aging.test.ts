// Aging by hand: what each part holds on a date, that it adds up to the roll-forward of that date, and when it is converted.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgingAnswer, LiabilityAnswer } from '../../api/schemas.ts';
import { secrets, tinyApp } from './fixture.ts';

let sequence = 0;
/** `date type debit→credit amount`, for one partner and invoice unless another is named. */
function entry(text: string, { held_until = null as string | null, invoice_id = 'bill:INV-1', event_id = '' } = {}) {
  const [effective_date, entry_type, accounts, amount] = text.split(' ') as [string, string, string, string];
  const [debit_account, credit_account] = accounts.split('→') as [string, string];
  const month = `${effective_date.slice(0, 7)}-01`;
  sequence += 1;
  return {
    entry_id: `E-${sequence}`,
    entry_type,
    debit_account,
    credit_account,
    partner_id: 'crm:P-1',
    currency: 'USD',
    amount_minor: BigInt(amount),
    reporting_amount_minor: BigInt(amount),
    effective_date,
    posted_month: month,
    origin_month: month,
    invoice_id: ['release', 'dispute_hold', 'dispute_release', 'payout'].includes(entry_type) ? null : invoice_id,
    event_id: event_id || invoice_id,
    held_until,
  };
}

/** Two payments of one invoice and one of another; the first is released and half paid, the third is in dispute; then a refund. */
const entries = [
  entry('2026-01-05 accrual commission_expense→accrued 1000', { held_until: '2026-02-04' }),
  entry('2026-01-25 accrual commission_expense→accrued 600', { held_until: '2026-02-24' }),
  entry('2026-01-30 accrual commission_expense→accrued 300', { held_until: '2026-03-01', invoice_id: 'bill:INV-2' }),
  entry('2026-02-04 release accrued→payable 1000'),
  entry('2026-02-10 dispute_hold accrued→disputed 300', { invoice_id: 'bill:INV-2' }),
  entry('2026-02-15 payout payable→cash 400', { event_id: 'bill:PO-1' }),
  entry('2026-02-20 clawback accrued→commission_expense 200'),
];

const balance = (month: string, parts: Record<string, bigint>) => ({
  partner_id: 'crm:P-1',
  currency: 'USD',
  month,
  ...Object.fromEntries(
    ['accrued', 'payable', 'disputed', 'recoverable'].flatMap((name) => [
      [`${name}_balance_minor`, parts[name] ?? 0n],
      [`reporting_${name}_balance_minor`, (parts[name] ?? 0n) * 2n],
    ]),
  ),
});

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp({
    replaced: {
      fct_commission_entry: entries,
      fct_commission_liability: [
        balance('2026-01-01', { accrued: 1900n }),
        balance('2026-02-01', { accrued: 400n, payable: 600n, disputed: 300n }),
      ],
    },
  });
});
afterAll(() => tiny.close());

const parts = ['held', 'awaiting', 'payable', 'disputed', 'recoverable', 'overdue', 'closing'] as const;

async function agedAt(as_of: string) {
  const answer = AgingAnswer.parse((await tiny.get(`/v1/commissions/aging?as_of=${as_of}`)).json());
  const [row] = answer.items;
  return { answer, row, amounts: row && parts.map((name) => Number(row[name].amount_minor)) };
}

test.each([
  ['2026-01-10', [1000, 0, 0, 0, 0, 0, 1000]],
  ['2026-01-31', [1900, 0, 0, 0, 0, 0, 1900]],
  // the first hold is over and its statement approved on the same day
  ['2026-02-04', [900, 0, 1000, 0, 0, 0, 1900]],
  ['2026-02-15', [600, 0, 600, 300, 0, 0, 1500]],
  // a refund takes from what still waits
  ['2026-02-20', [400, 0, 600, 300, 0, 0, 1300]],
  // the second hold is over, nobody approved
  ['2026-02-24', [0, 400, 600, 300, 0, 0, 1300]],
  // 30 days after the release it is due, on the 31st overdue
  ['2026-03-06', [0, 400, 600, 300, 0, 0, 1300]],
  ['2026-03-07', [0, 400, 600, 300, 0, 600, 1300]],
  ['2026-04-01', [0, 400, 600, 300, 0, 1000, 1300]],
] as const)('as of %s: held, awaiting, payable, disputed, recoverable, overdue, owed = %j', async (as_of, expected) => {
  const { amounts, row } = await agedAt(as_of);
  expect(amounts).toEqual(expected);
  const [held, awaiting, payable, disputed, recoverable, , closing] = expected;
  expect(held + awaiting + payable + disputed - recoverable).toBe(closing);
  const rolled = LiabilityAnswer.parse((await tiny.get(`/v1/commissions/liability?as_of=${as_of}`)).json());
  expect(row!.closing).toEqual(rolled.items[0]!.closing);
});

test('until when the holds last, and since when something is due', async () => {
  expect((await agedAt('2026-02-03')).row).toMatchObject({
    next_release_date: '2026-02-04',
    held_until: '2026-03-01',
    due_since_date: null,
  });
  expect((await agedAt('2026-02-24')).row).toMatchObject({ held_until: null, due_since_date: '2026-02-04' });
});

test('in the reporting currency at month ends, and not in between', async () => {
  const { row, answer } = await agedAt('2026-02-28');
  expect(row).toMatchObject({
    reporting_held: { amount_minor: '0' },
    reporting_awaiting: { amount_minor: '800' },
    reporting_payable: { amount_minor: '1200' },
    reporting_closing: { amount_minor: '2600' },
  });
  expect(answer.reporting_total).toMatchObject({ closing: { amount_minor: '2600', currency: 'USD' } });
  const between = await agedAt('2026-02-20');
  expect([between.row!.reporting_closing, between.answer.reporting_total]).toEqual([null, null]);
});

test('before the first entry nobody is owed anything; a partner may not ask', async () => {
  const { answer } = await agedAt('2025-12-31');
  expect([answer.items, answer.totals]).toEqual([[], []]);
  expect((await tiny.get('/v1/commissions/aging', secrets.partner)).statusCode).toBe(403);
});
