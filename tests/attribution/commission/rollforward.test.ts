import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Balances,
  effectOf,
  type MonthMovement,
  type Movement,
  rollForward,
} from '../../../attribution/commission/reporting/rollforward.ts';
import { divideHalfEven } from '../../../core/money.ts';

const none: Movement = { accrued: 0n, clawed_back: 0n, true_up: 0n, prior_period: 0n, written_off: 0n, paid: 0n };
const nothing: Balances = { accrued: 0n, payable: 0n, disputed: 0n, recoverable: 0n };

/** closing = accrued + payable + disputed − recoverable (domain.md §9). */
function closingOf({ accrued, payable, disputed, recoverable }: Balances): bigint {
  return accrued + payable + disputed - recoverable;
}

function month(
  name: string,
  native: Partial<Movement>,
  reporting: Partial<Movement>,
  balances: Partial<Balances>,
): MonthMovement {
  return {
    month: name,
    native: { ...none, ...native },
    reporting: { ...none, ...reporting },
    balances: { ...nothing, ...balances },
  };
}

describe('the roll-forward', () => {
  const movements = [
    month('2026-01', { accrued: 10_000n }, { accrued: 12_200n }, { accrued: 10_000n }),
    month(
      '2026-03',
      { clawed_back: 1_000n, paid: 9_000n },
      { clawed_back: 1_300n, paid: 11_700n },
      { accrued: -10_000n },
    ),
  ];
  const months = ['2026-01', '2026-02', '2026-03'];

  test('opens where the month before closed, with a row for every month', () => {
    const rows = rollForward(movements, months, (amount) => amount);
    expect(rows.map(({ opening, closing }) => [opening, closing])).toEqual([
      [0n, 10_000n],
      [10_000n, 10_000n],
      [10_000n, 0n],
    ]);
  });

  test('GBP 100 booked at 1.22 = USD 122; a later rate shows on its own line alone (ground truth 12)', () => {
    const rates: Record<string, bigint> = { '2026-01': 122n, '2026-02': 130n, '2026-03': 130n };
    const rows = rollForward(movements, months, (amount, at) => divideHalfEven(amount * rates[at]!, 100n));
    expect(
      rows.map(({ reporting_opening, fx, reporting_closing }) => [reporting_opening, fx, reporting_closing]),
    ).toEqual([
      [0n, 0n, 12_200n],
      [12_200n, 800n, 13_000n],
      [13_000n, 0n, 0n],
    ]);
    expect(rows[1]!.closing).toBe(10_000n);
  });

  test('a month without a rate carries the booked twin on', () => {
    const rows = rollForward(movements, months, (amount, at) => (at === '2026-02' ? undefined : amount));
    expect(rows[1]).toMatchObject({ fx: 0n, reporting_closing: 10_000n });
  });

  test('closing = opening + movements = accrued + payable + disputed − recoverable, native and reporting', () => {
    const amount = fc.bigInt({ min: -10_000n, max: 10_000n });
    const movement = fc.record({
      accrued: amount,
      clawed_back: amount,
      true_up: amount,
      prior_period: amount,
      written_off: amount,
      paid: amount,
    });
    fc.assert(
      fc.property(
        fc.array(movement, { minLength: 1, maxLength: 6 }),
        fc.array(amount, { minLength: 12, maxLength: 12 }),
        (natives, splits) => {
          const input = natives.map((native, index): MonthMovement => {
            const [payable, recoverable] = [splits[index]!, splits[index + 6]!];
            const balances = { payable, recoverable, disputed: 0n, accrued: effectOf(native) - payable + recoverable };
            return { month: `2026-0${index + 1}`, native, reporting: native, balances };
          });
          const rows = rollForward(
            input,
            input.map((one) => one.month),
            (value) => divideHalfEven(value * 13n, 10n),
          );
          for (const [index, row] of rows.entries()) {
            expect(row.opening).toBe(rows[index - 1]?.closing ?? 0n);
            expect(row.closing).toBe(row.opening + effectOf(row.movement));
            expect(closingOf(row.balances)).toBe(row.closing);
            expect(row.reporting_closing).toBe(row.reporting_opening + effectOf(row.reporting_movement) + row.fx);
            expect(closingOf(row.reporting_balances)).toBe(row.reporting_closing);
          }
        },
      ),
    );
  });
});
