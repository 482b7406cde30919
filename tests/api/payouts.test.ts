// What of a statement is payable after exports and payouts, in the order of their days: nothing is exported twice, unless it was
// taken back, and a payout that nobody exported does not make room for another export.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { payoutExport, payoutReopen, settledMinor } from '../../api/payouts.ts';
import { openBooks } from '../../pipeline/books.ts';
import { tinyApp } from './fixture.ts';
import { tables } from './tiny-company.ts';
import { entries, liabilities } from './tiny-money.ts';

const statement = { ...tables(0n).fct_statement![0]!, state: 'approved', approved_count: 1n };
const line = { ...tables(0n).fct_statement_line![0]!, state: 'approved' };
const payout = entries.find(({ entry_type }) => entry_type === 'payout')!;

/** January earned 10.00, February 50.00; both are approved and past their hold. */
const earned = { 'S-1': 1000n, 'S-2': 5000n };
const months = { 'S-1': '2026-01-01', 'S-2': '2026-02-01' };

/** Of `2026-01-10 export S-1 1000` (and what is settled with it), `2026-01-12 payout S-1 1000` (`-` names no statement) `2026-01-12 undone S-1 1000` and
 * `2026-01-12 reopen S-1 1`, its first export. */
async function payableAfter(history: readonly string[]): Promise<Record<string, string>> {
  const happened = history.map((text) => {
    const [day = '', what = '', statement_id = '', amount = '', settled] = text.split(' ');
    return { day, what, statement_id, amount_minor: BigInt(amount), ...(settled ? { settled_minor: settled } : {}) };
  });
  const paid = happened.filter(({ what }) => what === 'payout' || what === 'undone');
  const sum = (rows: typeof happened) =>
    rows.reduce(
      (total, { what, amount_minor }) => (what === 'undone' ? total - amount_minor : total + amount_minor),
      0n,
    );
  const ids = Object.keys(earned) as (keyof typeof earned)[];
  const tiny = await tinyApp({
    replaced: {
      fct_statement: ids.map((statement_id) => ({
        ...statement,
        statement_id,
        month: months[statement_id],
        total_minor: earned[statement_id],
        paid_minor: sum(paid.filter((row) => row.statement_id === statement_id)),
      })),
      fct_statement_line: ids.map((statement_id) => ({
        ...line,
        line_id: `line of ${statement_id}`,
        statement_id,
        amount_minor: earned[statement_id],
      })),
      fct_commission_entry: paid.map(({ day, what, amount_minor }, index) => ({
        ...payout,
        ...(what === 'undone' ? { debit_account: 'cash', credit_account: 'payable' } : {}),
        entry_id: `E-${index}`,
        effective_date: day,
        amount_minor,
      })),
      fct_commission_liability: [{ ...liabilities()[1]!, payable_balance_minor: 6000n - sum(paid) }],
    },
  });
  const exports: { statement_id: string; export_id: string }[] = [];
  for (const { day, what, amount_minor, ...named } of happened) {
    if (what !== 'export' && what !== 'reopen') continue;
    const books = openBooks(join(tiny.releasesDirectory, 'books.sqlite'), {
      now: () => Temporal.Instant.from(`${day}T12:00:00Z`),
    });
    const { statement_id } = named;
    const exported = { ...named, partner_id: 'crm:P-1', currency: 'USD', amount_minor: String(amount_minor) };
    const back = exports.filter((one) => one.statement_id === statement_id)[Number(amount_minor) - 1];
    const { decision_id } = books.decisions.record({
      person: 'Finn',
      role: 'finance',
      reason: what,
      ...(what === 'export'
        ? { ...payoutExport, subject_id: day, detail: { payouts: [exported] } }
        : { ...payoutReopen, subject_id: statement_id, detail: { export_id: back!.export_id } }),
    });
    if (what === 'export') exports.push({ statement_id, export_id: decision_id });
    books.close();
  }
  const { items } = (await tiny.get('/v1/commissions/statements')).json() as {
    items: { statement_id: string; payable: { amount_minor: string }; next_step: string }[];
  };
  await tiny.close();
  return Object.fromEntries(
    items.map(({ statement_id, payable, next_step }) => [statement_id, `${payable.amount_minor} ${next_step}`]),
  );
}

test.each([
  ['nothing was exported', [], { 'S-1': '1000 pay', 'S-2': '5000 pay' }],
  ['what is exported waits', ['2026-01-10 export S-1 1000'], { 'S-1': '0 paying', 'S-2': '5000 pay' }],
  [
    'what was paid does not',
    ['2026-01-10 export S-1 1000', '2026-01-12 payout S-1 1000'],
    { 'S-1': '0 none', 'S-2': '5000 pay' },
  ],
  [
    'a payout that nobody exported is taken from what is due',
    ['2026-01-10 export S-1 1000', '2026-01-12 payout S-1 1000', '2026-01-20 payout - 500'],
    { 'S-1': '0 none', 'S-2': '4500 pay' },
  ],
  [
    'and makes no room after a later export',
    [
      '2026-01-10 export S-1 1000',
      '2026-01-12 payout S-1 1000',
      '2026-01-20 payout - 500',
      '2026-02-20 export S-2 4500',
    ],
    { 'S-1': '0 none', 'S-2': '0 paying' },
  ],
  [
    'what was paid before an export and the export add up',
    ['2026-02-10 payout S-2 2000', '2026-02-20 export S-2 3000 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 paying' },
  ],
  [
    'more was paid before than is exported',
    ['2026-02-10 payout S-2 3000', '2026-02-20 export S-2 2000 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 paying' },
  ],
  [
    'and are not added up once more when it is paid',
    ['2026-02-10 payout S-2 2000', '2026-02-20 export S-2 2500 4500', '2026-02-21 payout S-2 2500'],
    { 'S-1': '1000 pay', 'S-2': '500 pay' },
  ],
  [
    'a payout that was a mistake is none: the export waits again',
    ['2026-02-20 export S-2 5000', '2026-02-21 payout S-2 5000', '2026-02-21 undone S-2 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 paying' },
  ],
  [
    'a payout of the day of its export is one of it',
    ['2026-02-20 export S-2 5000', '2026-02-20 payout S-2 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 none' },
  ],
  [
    'what was settled by a payout that does not name it waits for no other one',
    ['2026-01-05 payout - 1000', '2026-02-20 export S-2 5000'],
    { 'S-1': '0 none', 'S-2': '0 paying' },
  ],
  [
    'what was exported and taken back is payable again',
    ['2026-02-20 export S-2 5000', '2026-02-22 reopen S-2 1'],
    { 'S-1': '1000 pay', 'S-2': '5000 pay' },
  ],
  [
    'and exported again it waits, once',
    ['2026-02-20 export S-2 5000', '2026-02-22 reopen S-2 1', '2026-02-23 export S-2 5000 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 paying' },
  ],
  [
    'and is paid',
    [
      '2026-02-20 export S-2 5000',
      '2026-02-22 reopen S-2 1',
      '2026-02-23 export S-2 5000 5000',
      '2026-02-24 payout S-2 5000',
    ],
    { 'S-1': '1000 pay', 'S-2': '0 none' },
  ],
  [
    'paid after all, nothing is left to export',
    ['2026-02-20 export S-2 5000', '2026-02-22 reopen S-2 1', '2026-02-21 payout S-2 5000'],
    { 'S-1': '1000 pay', 'S-2': '0 none' },
  ],
  [
    'taken back though it was paid, it is paid still',
    ['2026-02-20 export S-2 5000', '2026-02-21 payout S-2 5000', '2026-02-22 reopen S-2 1'],
    { 'S-1': '1000 pay', 'S-2': '0 none' },
  ],
  [
    'paid after all, but exported again: that export is out',
    [
      '2026-02-20 export S-2 5000',
      '2026-02-22 reopen S-2 1',
      '2026-02-23 export S-2 5000 5000',
      '2026-02-21 payout S-2 5000',
    ],
    { 'S-1': '0 paying', 'S-2': '0 paying' },
  ],
  [
    'until it is taken back, too',
    [
      '2026-02-20 export S-2 5000',
      '2026-02-22 reopen S-2 1',
      '2026-02-23 export S-2 5000 5000',
      '2026-02-21 payout S-2 5000',
      '2026-02-24 reopen S-2 2',
    ],
    { 'S-1': '1000 pay', 'S-2': '0 none' },
  ],
  [
    'of two exports that which was not paid is taken back alone',
    [
      '2026-02-10 export S-2 3000 3000',
      '2026-02-15 export S-2 2000 5000',
      '2026-02-16 payout S-2 2000',
      '2026-02-20 reopen S-2 1',
    ],
    { 'S-1': '1000 pay', 'S-2': '3000 pay' },
  ],
  [
    'and what else is out has its part of the balance',
    ['2026-01-10 export S-1 1000', '2026-02-20 export S-2 5000 5000', '2026-02-22 reopen S-2 1'],
    { 'S-1': '0 paying', 'S-2': '5000 pay' },
  ],
])('%s', async (_, history, payable) => {
  expect(await payableAfter(history)).toMatchObject(payable);
});

test('what is settled by payments and earlier exports', () => {
  const payout = (amount_minor: string, settled_minor?: string) => ({
    statement_id: 'S-1',
    partner_id: 'crm:P-1',
    currency: 'USD',
    amount_minor,
    ...(settled_minor ? { settled_minor } : {}),
  });
  expect(settledMinor(300n, [])).toBe(300n);
  expect(settledMinor(300n, [payout('200', '500')])).toBe(500n);
  expect(settledMinor(500n, [payout('200', '500'), payout('50', '550')])).toBe(550n);
  expect(settledMinor(100n, [payout('200'), payout('50')])).toBe(250n);
});
