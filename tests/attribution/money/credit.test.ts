// Credit in money: the fast split equals `allocate`, and nothing is lost on the way into the monthly sums.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CreditRow, creditSums, type DealParties, splitByParts } from '../../../attribution/money/credit.ts';
import type { MonthMoney } from '../../../attribution/money/deal-money.ts';
import { shareOut, splitOverCells } from '../../../attribution/money/split.ts';
import { allocate } from '../../../core/money.ts';

const runs = { numRuns: 1000 };
const parts = fc
  .array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((weight) => weight > 0n))
  .map((weights) => allocate(1_000_000_000n, weights));
const amounts = fc.oneof(
  fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
);

function partiesOf(columns: readonly (readonly bigint[])[], party_index: readonly number[]): DealParties {
  return {
    count: party_index.length,
    party_index: Int32Array.from(party_index),
    parts: columns.map((column) => Int32Array.from(column, Number)),
  };
}

function money(amount_minor: bigint, reporting_amount_minor = amount_minor): MonthMoney {
  return {
    basis: 3,
    month_day: 20_000,
    currency_index: 0,
    amount_minor,
    reporting_amount_minor,
    unconverted_minor: 0n,
  };
}

const byParty = (rows: readonly CreditRow[]) =>
  Object.fromEntries(rows.map(({ party_index, amount_minor }) => [party_index, amount_minor]));

describe('splitByParts', () => {
  test('equals allocate wherever it says that it can', () => {
    fc.assert(
      fc.property(amounts, parts, (amount, weights) => {
        const into = new Float64Array(256);
        if (!splitByParts(amount, Int32Array.from(weights, Number), weights.length, into)) {
          expect(amount > 2n ** 53n - 1n || amount < -(2n ** 53n) + 1n).toBe(true);
          return;
        }
        expect(Array.from(into.subarray(0, weights.length), (share) => BigInt(share))).toEqual(
          allocate(amount, weights),
        );
      }),
      runs,
    );
  });
});

describe('creditSums', () => {
  test('the credit of all parties is the money, under every method, of any size', () => {
    fc.assert(
      fc.property(amounts, amounts, parts, (native, reporting, weights) => {
        const sums = creditSums(2, weights.length);
        const order = weights.map((_, index) => index);
        sums.addDeal(
          [money(native, reporting)],
          partiesOf([weights, allocate(1_000_000_000n, [...weights].reverse())], order),
        );
        for (const method of [0, 1]) {
          const rows = sums.rows().filter((row) => row.method === method);
          expect(rows.reduce((sum, row) => sum + row.amount_minor, 0n)).toBe(native);
          expect(rows.reduce((sum, row) => sum + row.reporting_amount_minor, 0n)).toBe(reporting);
        }
      }),
      runs,
    );
  });

  test('a deal without touches is unattributed, which is party −1', () => {
    const sums = creditSums(1, 3);
    sums.addDeal([money(500n)], partiesOf([[1_000_000_000n]], [-1]));
    expect(byParty(sums.rows())).toEqual({ '-1': 500n });
  });

  test('sums stay exact beyond 2⁵³', () => {
    const sums = creditSums(1, 1);
    for (let deal = 0; deal < 3; deal++) sums.addDeal([money(2n ** 53n - 1n)], partiesOf([[1_000_000_000n]], [0]));
    expect(byParty(sums.rows())).toEqual({ 0: 3n * (2n ** 53n - 1n) });
  });

  test('what cancels out is left out', () => {
    const sums = creditSums(1, 2);
    const both = partiesOf([[500_000_000n, 500_000_000n]], [0, 1]);
    sums.addDeal([money(101n)], both);
    sums.addDeal([money(-101n)], both);
    expect(sums.rows()).toEqual([]);
  });

  test('100,000 over 3 of 8 linear touches: 33,333.34 / 33,333.33 / 33,333.33 (ground-truth 6)', () => {
    const sums = creditSums(1, 3);
    sums.addDeal([money(10_000_000n)], partiesOf([allocate(1_000_000_000n, [1n, 1n, 1n])], [0, 1, 2]));
    expect(byParty(sums.rows())).toEqual({ 0: 3_333_334n, 1: 3_333_333n, 2: 3_333_333n });
  });
});

describe('splits of either sign', () => {
  const cells = fc
    .array(fc.bigInt({ min: -1_000n, max: 1_000_000n }), { minLength: 1, maxLength: 10 })
    .filter((all) => all.reduce((sum, cell) => sum + cell, 0n) > 0n);

  test('splitOverCells loses nothing, is within a unit of the exact part, and equals allocate where no cell is negative', () => {
    fc.assert(
      fc.property(cells, fc.bigInt({ min: 0n, max: 10_000_000n }), (all, amount) => {
        const total = all.reduce((sum, cell) => sum + cell, 0n);
        const shares = splitOverCells(amount, all, total);
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
        for (const [place, share] of shares.entries()) {
          const off = share * total - amount * all[place]!;
          expect(off < total && off > -total).toBe(true);
        }
        if (all.every((cell) => cell >= 0n)) expect(shares).toEqual(allocate(amount, all));
      }),
      runs,
    );
  });

  test('shareOut gives back the converted amount and turns its sign with it', () => {
    fc.assert(
      fc.property(cells, fc.bigInt({ min: 0n, max: 10_000_000n }), (all, amount) => {
        const shares = shareOut(amount, all);
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
        const turned = shareOut(
          -amount,
          all.map((cell) => -cell),
        );
        expect(turned.map((share) => -share)).toEqual(shares);
      }),
      runs,
    );
  });
});
