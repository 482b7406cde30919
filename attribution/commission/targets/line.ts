// One invoice line as a partner's plan sees it: what was paid on it, what of that was returned and still counts
// (fine-print 23, 26). Amounts are net minor units of the invoice's currency and carry their sign.
import { divideHalfEven, type Rational } from '../../../core/money.ts';
import type { DayNumber } from '../../../core/month.ts';
import { fraction, roundHalfEven, zero } from '../fraction.ts';

export interface LineBalance {
  /** Σ movements at payments (issue, close). */
  gross_minor: bigint;
  /** Σ returns that lower what was earned; opposite in sign to gross. */
  returned_minor: bigint;
  /** Σ returns that came after the clawback window: they change nothing. */
  late_minor: bigint;
  /** The line's place among the partner's by their first accrual of more than nothing, and the day of that; −1 before. */
  accrued_place: number;
  accrued_day: DayNumber;
}

export function newBalance(): LineBalance {
  return { gross_minor: 0n, returned_minor: 0n, late_minor: 0n, accrued_place: -1, accrued_day: -1 };
}

/** A return counts until the last payment of the invoice + clawback days, that day included (fine-print 26). */
export function returnCounts(day: DayNumber, last_payment_day: DayNumber, clawback_days: number | null): boolean {
  return clawback_days === null || day <= last_payment_day + clawback_days;
}

/** Takes a return; gives the part that counts. */
export function takeReturn(balance: LineBalance, amount_minor: bigint, counts: boolean): bigint {
  if (counts) {
    balance.returned_minor += amount_minor;
    return amount_minor;
  }
  balance.late_minor += amount_minor;
  return 0n;
}

/** Money that came back after a won dispute first undoes the late returns; gives the part that counts (fine-print 26). */
export function takeRestore(balance: LineBalance, amount_minor: bigint): bigint {
  const undone = opposed(amount_minor, balance.late_minor) ? nearerZero(amount_minor, -balance.late_minor) : 0n;
  balance.late_minor += undone;
  balance.returned_minor += amount_minor - undone;
  return amount_minor - undone;
}

/** The part of gross that an amount is, as a fraction; 0 of nothing. */
export function partOfGross({ gross_minor }: LineBalance, amount_minor: bigint): Rational {
  return gross_minor === 0n ? zero : fraction(amount_minor, gross_minor);
}

/** half-even(half-even(earned) × net ÷ gross); nothing while gross is 0 (fine-print 23). */
export function targetOf({ gross_minor, returned_minor }: LineBalance, earned: Rational): bigint {
  if (gross_minor === 0n) return 0n;
  const whole = roundHalfEven(earned);
  return returned_minor === 0n ? whole : divideHalfEven(whole * (gross_minor + returned_minor), gross_minor);
}

function opposed(left: bigint, right: bigint): boolean {
  return (left > 0n && right < 0n) || (left < 0n && right > 0n);
}

function nearerZero(left: bigint, right: bigint): bigint {
  return (left < 0n ? -left : left) < (right < 0n ? -right : right) ? left : right;
}
