// Money as integer minor units: parse, format, split, round. Exact or not at all (domain.md §1); no float holds money.
import { exitStatus, SourcedError } from './errors.ts';

/** An exact fraction; the denominator is positive. */
export type Rational = { readonly numerator: bigint; readonly denominator: bigint };

export type MoneyReason = 'bad_amount' | 'too_many_decimals' | 'amount_too_long';

/** A text that is not an amount of its currency; `reason` is the published quarantine reason. */
export class MoneyError extends SourcedError {
  readonly reason: MoneyReason;
  constructor(reason: MoneyReason, text: string, expected: string) {
    super('money_invalid', exitStatus.usage, `${JSON.stringify(text)} is not ${expected}`);
    this.reason = reason;
  }
}

const AMOUNT = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const DIGITS_MAX = 18;

/** Decimal text in major units → minor units, exactly. Throws MoneyError (fine-print 2; trailing zeros count as decimals). */
export function parseAmount(text: string, exponent: number): bigint {
  if (!AMOUNT.test(text)) throw new MoneyError('bad_amount', text, 'an amount such as 1234.50');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (whole.length + fraction.length > DIGITS_MAX)
    throw new MoneyError('amount_too_long', text, `an amount of at most ${DIGITS_MAX} digits`);
  if (fraction.length > exponent)
    throw new MoneyError('too_many_decimals', text, `an amount with at most ${exponent} decimals`);
  const minor = BigInt(whole + fraction.padEnd(exponent, '0'));
  return text.startsWith('-') ? -minor : minor;
}

/** Minor units → decimal text in major units, with all decimals of the currency: (123450n, 2) → "1234.50". */
export function formatAmount(amount_minor: bigint, exponent: number): string {
  const digits = absolute(amount_minor)
    .toString()
    .padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${amount_minor < 0n ? '-' : ''}${whole}${fraction}`;
}

/**
 * Splits `amount` by non-negative integer weights without losing a unit: floors of the exact parts of the absolute amount,
 * the units left go one each to the largest remainders, ties to the lower position; the sign is put back (domain.md §1).
 * All weights zero: the amount cannot be split and an Error is thrown, unless the amount is zero.
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (weights.some((weight) => weight < 0n)) throw new Error('allocate: a weight is negative');
  if (total === 0n) {
    if (amount === 0n) return weights.map(() => 0n);
    throw new Error('allocate: all weights are zero');
  }
  const magnitude = absolute(amount);
  const shares = weights.map((weight) => (magnitude * weight) / total);
  const left = magnitude - shares.reduce((sum, share) => sum + share, 0n);
  const byRemainder = weights
    .map((weight, position) => ({ position, remainder: (magnitude * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.position - b.position : a.remainder > b.remainder ? -1 : 1));
  for (let unit = 0; unit < Number(left); unit++) shares[byRemainder[unit]!.position]! += 1n;
  return amount < 0n ? shares.map((share) => -share) : shares;
}

/** numerator ÷ denominator, rounded half to even. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw new Error('divideHalfEven: division by zero');
  const negative = numerator < 0n !== denominator < 0n;
  const top = absolute(numerator);
  const bottom = absolute(denominator);
  const floor = top / bottom;
  const twice = (top % bottom) * 2n;
  const up = twice > bottom || (twice === bottom && floor % 2n === 1n);
  const rounded = up ? floor + 1n : floor;
  return negative ? -rounded : rounded;
}

/** Decimal text ("0.15", "1.085745") → an exact fraction. Throws MoneyError where the text is not a plain decimal. */
export function parseDecimal(text: string): Rational {
  if (!AMOUNT.test(text)) throw new MoneyError('bad_amount', text, 'a decimal such as 0.15');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const numerator = BigInt(whole + fraction);
  return { numerator: text.startsWith('-') ? -numerator : numerator, denominator: 10n ** BigInt(fraction.length) };
}

/** The lesser of two amounts of one currency. */
export function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

/** The amount, or zero where it is negative. */
export function atLeastZero(amount: bigint): bigint {
  return amount < 0n ? 0n : amount;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
