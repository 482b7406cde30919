// Exact fractions for commission: nothing is rounded before fine-print 23 says so.
import { divideHalfEven, type Rational } from '../../core/money.ts';

export const zero: Rational = { numerator: 0n, denominator: 1n };
export const one: Rational = { numerator: 1n, denominator: 1n };

/** numerator ÷ denominator as a fraction with a positive denominator. Throws where the denominator is zero. */
export function fraction(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new Error('fraction: division by zero');
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator };
}

/** left + right, exactly; not always in lowest terms. So are the others. */
export function plus(left: Rational, right: Rational): Rational {
  if (left.denominator === right.denominator)
    return { numerator: left.numerator + right.numerator, denominator: left.denominator };
  if (left.denominator % right.denominator === 0n) return plusPart(left, right);
  if (right.denominator % left.denominator === 0n) return plusPart(right, left);
  return reduced(
    left.numerator * right.denominator + right.numerator * left.denominator,
    left.denominator * right.denominator,
  );
}

/** The part's denominator divides the whole's. */
function plusPart(whole: Rational, part: Rational): Rational {
  const numerator = whole.numerator + part.numerator * (whole.denominator / part.denominator);
  return { numerator, denominator: whole.denominator };
}

export function minus(left: Rational, right: Rational): Rational {
  return plus(left, { numerator: -right.numerator, denominator: right.denominator });
}

export function times(left: Rational, right: Rational): Rational {
  if (left.denominator === 1n && right.denominator === 1n) return fraction(left.numerator * right.numerator);
  return reduced(left.numerator * right.numerator, left.denominator * right.denominator);
}

/** Negative, zero or positive as left is below, at or above right. */
export function compare(left: Rational, right: Rational): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest whole number, half to even. */
export function roundHalfEven({ numerator, denominator }: Rational): bigint {
  return denominator === 1n ? numerator : divideHalfEven(numerator, denominator);
}

/** A common divisor costs more than everything else here: it is looked for when a denominator no longer fits a machine word. */
const SMALL = 2n ** 62n;

function reduced(numerator: bigint, denominator: bigint): Rational {
  return denominator <= SMALL ? { numerator, denominator } : lowestTerms({ numerator, denominator });
}

/** The same fraction with the smallest denominator. */
export function lowestTerms({ numerator, denominator }: Rational): Rational {
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [left, right];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}

/** "3/2", for parseFraction. */
export function fractionText({ numerator, denominator }: Rational): string {
  return `${numerator}/${denominator}`;
}

/** Reads what `fractionText` wrote. */
export function parseFraction(text: string): Rational {
  const [numerator, denominator] = text.split('/');
  return { numerator: BigInt(numerator!), denominator: BigInt(denominator!) };
}
