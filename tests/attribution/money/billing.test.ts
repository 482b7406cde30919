// The fold of one invoice: tables of events → movements, and the properties that hold for every history.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CellChange,
  foldInvoice,
  type InvoiceEvent,
  type InvoiceLine,
} from '../../../attribution/money/billing.ts';
import type { EventKind } from '../../../attribution/money/types.ts';

type Step = [kind: EventKind, amount: number, payment?: number];

function events(steps: readonly Step[]): InvoiceEvent[] {
  return steps.map(([kind, amount, payment]) => ({
    kind,
    amount_minor: BigInt(amount),
    payment: payment ?? (kind === 'payment' ? 0 : -1),
  }));
}

function lines(...cells: [net: number, tax: number][]): InvoiceLine[] {
  return cells.map(([net, tax]) => ({ net_minor: BigInt(net), tax_minor: BigInt(tax) }));
}

/** What each event changed on one basis: `[event, net of line 1, tax of line 1, …]`. */
function movements(changes: readonly CellChange[], basis: 'invoiced' | 'paid'): number[][] {
  return changes.filter((change) => change.basis === basis).map(({ event, cells }) => [event, ...cells.map(Number)]);
}

function netOf(changes: readonly CellChange[], basis: 'invoiced' | 'paid'): bigint[] {
  const sums: bigint[] = [];
  for (const { cells } of changes.filter((change) => change.basis === basis))
    for (const [position, cell] of cells.entries()) sums[position] = (sums[position] ?? 0n) + cell;
  return sums;
}

describe('tables of events', () => {
  const invoice = lines([1000, 200], [500, 100]); // 18.00 in all

  const cases: { name: string; steps: Step[]; paid: number[][]; invoiced?: number[][]; overpaid?: number }[] = [
    { name: 'paid at once', steps: [['payment', 1800]], paid: [[0, 1000, 200, 500, 100]] },
    {
      name: 'two instalments: the second brings every line to exactly its amount',
      steps: [
        ['payment', 1000, 0],
        ['payment', 800, 1],
      ],
      // 1000 over 1000:200:500:100 of 1800 = 555.56, 111.11, 277.78, 55.56: two units left, to .78 and the first .56
      paid: [
        [0, 556, 111, 278, 55],
        [1, 444, 89, 222, 45],
      ],
    },
    {
      name: 'issue and a credit note before payment lower what is invoiced, not what is paid',
      steps: [
        ['issue', 1800],
        ['credit_note', 900],
        ['payment', 900],
      ],
      invoiced: [
        [0, 1000, 200, 500, 100],
        [1, -500, -100, -250, -50],
      ],
      paid: [[2, 500, 100, 250, 50]],
    },
    {
      name: 'a credit note after payment is a refund, and its own refund counts once',
      steps: [
        ['payment', 1800, 0],
        ['credit_note', 900],
        ['refund', 900, 0],
      ],
      paid: [
        [0, 1000, 200, 500, 100],
        [1, -500, -100, -250, -50],
      ],
    },
    {
      name: 'an over-payment is never revenue',
      steps: [
        ['payment', 2000, 0],
        ['refund', 100, 0],
      ],
      paid: [[0, 1000, 200, 500, 100]],
      overpaid: 100,
    },
    {
      name: 'refunds above the payment are capped at it',
      steps: [
        ['payment', 1800, 0],
        ['refund', 1800, 0],
        ['refund', 1000, 0],
      ],
      paid: [
        [0, 1000, 200, 500, 100],
        [1, -1000, -200, -500, -100],
      ],
    },
    {
      name: 'a dispute opened moves nothing, lost takes, won gives back',
      steps: [
        ['payment', 1800, 0],
        ['dispute_opened', 900, 0],
        ['dispute_lost', 900, 0],
        ['dispute_won', 900, 0],
      ],
      paid: [
        [0, 1000, 200, 500, 100],
        [2, -500, -100, -250, -50],
        [3, 500, 100, 250, 50],
      ],
    },
    {
      name: 'a dispute won without one lost takes nothing back, and a write-off changes nothing',
      steps: [
        ['payment', 1800, 0],
        ['dispute_won', 900, 0],
        ['write_off', 100],
      ],
      paid: [[0, 1000, 200, 500, 100]],
    },
    {
      name: 'a dispute won takes back at most what the dispute took',
      steps: [
        ['payment', 1800, 0],
        ['refund', 900, 0],
        ['dispute_lost', 300, 0],
        ['dispute_won', 900, 0],
      ],
      paid: [
        [0, 1000, 200, 500, 100],
        [1, -500, -100, -250, -50],
        [2, -167, -33, -83, -17],
        [3, 167, 33, 83, 17],
      ],
    },
    {
      name: 'a refund that names only the invoice is capped at all its payments',
      steps: [
        ['payment', 900, 0],
        ['payment', 900, 1],
        ['refund', 1800],
        ['refund', 500],
      ],
      paid: [
        [0, 500, 100, 250, 50],
        [1, 500, 100, 250, 50],
        [2, -1000, -200, -500, -100],
      ],
    },
    {
      name: 'a refund of one payment leaves the other',
      steps: [
        ['payment', 900, 0],
        ['payment', 900, 1],
        ['refund', 900, 0],
        ['dispute_lost', 900, 0],
      ],
      paid: [
        [0, 500, 100, 250, 50],
        [1, 500, 100, 250, 50],
        [2, -500, -100, -250, -50],
      ],
    },
  ];

  test.each(cases)('$name', ({ steps, paid, invoiced, overpaid }) => {
    const fold = foldInvoice(invoice, events(steps));
    expect(movements(fold.changes, 'paid')).toEqual(paid);
    if (invoiced) expect(movements(fold.changes, 'invoiced')).toEqual(invoiced);
    expect(fold.overpaid_minor).toBe(BigInt(overpaid ?? 0));
  });

  test('a discount line moves against the others', () => {
    const fold = foldInvoice(
      lines([1000, 0], [-100, 0]),
      events([
        ['payment', 450, 0],
        ['payment', 450, 1],
      ]),
    );
    expect(movements(fold.changes, 'paid')).toEqual([
      [0, 500, 0, -50, 0],
      [1, 500, 0, -50, 0],
    ]);
  });

  test('an invoice of nothing, or of less, is never paid; what came in is an over-payment', () => {
    expect(foldInvoice(lines([0, 0]), events([['payment', 5]]))).toEqual({ changes: [], overpaid_minor: 5n });
    const fold = foldInvoice(
      lines([-500, 0]),
      events([
        ['issue', -500],
        ['credit_note', 100],
        ['payment', 5],
      ]),
    );
    expect(movements(fold.changes, 'invoiced')).toEqual([[0, -500, 0]]);
    expect(movements(fold.changes, 'paid')).toEqual([]);
  });

  test('paid-invoice eligibility (QuotaPath): 5,000 of 10,000 received is half of every line', () => {
    const fold = foldInvoice(lines([600_000, 0], [400_000, 0]), events([['payment', 500_000]]));
    expect(movements(fold.changes, 'paid')).toEqual([[0, 300_000, 0, 200_000, 0]]);
  });
});

const line = fc.record({
  net_minor: fc.bigInt({ min: -5_000n, max: 1_000_000n }),
  tax_minor: fc.bigInt({ min: 0n, max: 200_000n }),
});
const positiveLines = fc
  .array(line, { minLength: 1, maxLength: 6 })
  .filter((all) => all.reduce((sum, { net_minor, tax_minor }) => sum + net_minor + tax_minor, 0n) > 0n);

function totalOf(all: readonly InvoiceLine[]): bigint {
  return all.reduce((sum, { net_minor, tax_minor }) => sum + net_minor + tax_minor, 0n);
}

/** Cuts an amount at random places into parts that sum to it. */
function instalments(amount: bigint, cuts: readonly number[]): bigint[] {
  const places = [...cuts.map((cut) => (amount * BigInt(cut)) / 1000n), 0n, amount].sort((a, b) => (a < b ? -1 : 1));
  return places.slice(1).map((place, index) => place - places[index]!);
}

const cuts = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 8 });
const runs = { numRuns: 1000 };

describe('properties', () => {
  test('a fully paid invoice gives every line exactly its amount, whatever the instalments', () => {
    fc.assert(
      fc.property(positiveLines, cuts, (all, places) => {
        const payments = instalments(totalOf(all), places).map((amount_minor, payment) => ({
          kind: 'payment' as const,
          amount_minor,
          payment,
        }));
        expect(netOf(foldInvoice(all, payments).changes, 'paid')).toEqual(
          all.flatMap(({ net_minor, tax_minor }) => [net_minor, tax_minor]),
        );
      }),
      runs,
    );
  });

  test('partial refunds that sum to full are one full refund: every line is back at nothing', () => {
    fc.assert(
      fc.property(positiveLines, cuts, (all, places) => {
        const total = totalOf(all);
        const refunds = instalments(total, places).map((amount_minor) => ({
          kind: 'refund' as const,
          amount_minor,
          payment: 0,
        }));
        const payment = { kind: 'payment' as const, amount_minor: total, payment: 0 };
        const parts = foldInvoice(all, [payment, ...refunds]);
        const whole = foldInvoice(all, [payment, { kind: 'refund', amount_minor: total, payment: 0 }]);
        expect(netOf(parts.changes, 'paid')).toEqual(netOf(whole.changes, 'paid'));
        expect(netOf(parts.changes, 'paid').every((cell) => cell === 0n)).toBe(true);
      }),
      runs,
    );
  });

  const kinds = fc.constantFrom<EventKind>(
    'payment',
    'refund',
    'credit_note',
    'dispute_lost',
    'dispute_won',
    'write_off',
  );
  const event = fc.record({
    kind: kinds,
    amount_minor: fc.bigInt({ min: 0n, max: 1_500_000n }),
    payment: fc.integer({ min: -1, max: 2 }),
  });
  const history = fc
    .array(event, { maxLength: 12 })
    .map((all): InvoiceEvent[] =>
      all.map((one) => (one.kind === 'payment' ? { ...one, payment: Math.max(0, one.payment) } : one)),
    );

  test('the paid position stays between nothing and what is owed, and its movements sum to it over the cells', () => {
    fc.assert(
      fc.property(positiveLines, history, (all, steps) => {
        const total = totalOf(all);
        let position = 0n;
        for (const { cells } of foldInvoice(all, steps).changes.filter(({ basis }) => basis === 'paid')) {
          position += cells.reduce((sum, cell) => sum + cell, 0n);
          expect(position >= 0n && position <= total).toBe(true);
        }
      }),
      runs,
    );
  });

  test('a payment never lowers what is paid, a return or credit note never raises it', () => {
    fc.assert(
      fc.property(positiveLines, history, (all, steps) => {
        for (const { event: index, basis, cells } of foldInvoice(all, steps).changes) {
          if (basis === 'invoiced') continue;
          const moved = cells.reduce((sum, cell) => sum + cell, 0n);
          const rises = ['payment', 'dispute_won'].includes(steps[index]!.kind);
          expect(rises ? moved > 0n : moved < 0n).toBe(true);
        }
      }),
      runs,
    );
  });

  test('where the position ends does not depend on the order of payments, refunds and credit notes', () => {
    const orderless = history.map((steps) => steps.filter(({ kind }) => !kind.startsWith('dispute')));
    fc.assert(
      fc.property(positiveLines, orderless, (all, steps) => {
        expect(sumsOf(all, steps)).toEqual(sumsOf(all, [...steps].reverse()));
      }),
      runs,
    );
  });
});

function sumsOf(all: readonly InvoiceLine[], steps: readonly InvoiceEvent[]): bigint[] {
  const sums = netOf(foldInvoice(all, steps).changes, 'paid');
  return sums.length ? sums : all.flatMap(() => [0n, 0n]);
}
