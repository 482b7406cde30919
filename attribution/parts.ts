// The fast road to parts of 10⁹: `allocate` of core/money.ts for small amounts, in doubles that stay exact.
import { allocate } from '../core/money.ts';

/** What the weights of one deal under one method add up to. */
export const PARTS = 1_000_000_000;

/** Weights of one touch are at most 2⁴⁰, so that the sums of fewer touches than this are safe integers. */
export const TOUCHES_SAFE = 8192;

const SAFE = Number.MAX_SAFE_INTEGER;
/** With more positions than this, finding the largest remainders one by one costs more than exact integers do. */
const POSITIONS_MAX = 64;
const remainders = new Float64Array(POSITIONS_MAX);

/**
 * Writes `allocate(amount, weights)` to `parts[0 … count − 1]` and tells whether it could: false when all weights are zero.
 * Weights are non-negative whole numbers whose sum is a safe integer; `amount` is at most 10⁹; ties go to the lower position.
 */
export function allocateParts(weights: Float64Array, count: number, parts: Int32Array, amount = PARTS): boolean {
  let total = 0;
  for (let position = 0; position < count; position++) total += weights[position]!;
  if (total === 0) return false;
  if (total > SAFE / 20 || count > POSITIONS_MAX) allocateExactly(weights, count, parts, amount);
  else giveLargest(parts, count, amount - floors(weights, count, parts, amount, total));
  return true;
}

/** Writes the floors to `parts` and what they leave to `remainders`; gives the sum of the floors. */
function floors(weights: Float64Array, count: number, parts: Int32Array, amount: number, total: number): number {
  if (total > SAFE / amount) return longFloors(weights, count, parts, amount, total);
  let given = 0;
  for (let position = 0; position < count; position++) {
    const dividend = weights[position]! * amount;
    const quotient = floorOf(dividend, total);
    parts[position] = quotient;
    remainders[position] = dividend - quotient * total;
    given += quotient;
  }
  return given;
}

/** The same by long division of weight × amount, in digits of the amount small enough to stay with safe integers. */
function longFloors(weights: Float64Array, count: number, parts: Int32Array, amount: number, total: number): number {
  const base = total <= SAFE / 2000 ? 1000 : 10;
  let given = 0;
  for (let position = 0; position < count; position++) {
    const weight = weights[position]!;
    let quotient = 0;
    let remainder = 0;
    for (let scale = PARTS; scale >= 1; scale /= base) {
      const dividend = remainder * base + weight * (Math.floor(amount / scale) % base);
      const digit = floorOf(dividend, total);
      quotient = quotient * base + digit;
      remainder = dividend - digit * total;
    }
    parts[position] = quotient;
    remainders[position] = remainder;
    given += quotient;
  }
  return given;
}

/** ⌊dividend ÷ divisor⌋ of safe integers: the quotient of doubles may have been rounded up to the next whole number. */
function floorOf(dividend: number, divisor: number): number {
  const quotient = Math.floor(dividend / divisor);
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

/** One unit each to the largest remainders, ties to the lower position. */
function giveLargest(parts: Int32Array, count: number, units: number): void {
  for (let unit = 0; unit < units; unit++) {
    let best = 0;
    for (let position = 1; position < count; position++) if (remainders[position]! > remainders[best]!) best = position;
    parts[best]!++;
    remainders[best] = -1;
  }
}

function allocateExactly(weights: Float64Array, count: number, parts: Int32Array, amount: number): void {
  const shares = allocate(BigInt(amount), Array.from(weights.subarray(0, count), BigInt));
  for (let position = 0; position < count; position++) parts[position] = Number(shares[position]);
}
