// The fast road to parts of 10⁹: `allocate` of core/money.ts for one fixed amount, in doubles that stay exact.
import { allocate } from '../core/money.ts';

/** What the weights of one deal under one method add up to. */
export const PARTS = 1_000_000_000;

const SAFE = Number.MAX_SAFE_INTEGER;
/** With more parties than this, finding the largest remainders one by one costs more than exact integers do. */
const PARTIES_MAX = 64;

/**
 * Writes `allocate(10⁹, weights)` to `parts[0 … count − 1]` and tells whether it could: false when all weights are zero.
 * Weights are non-negative whole numbers whose sum is a safe integer; ties go to the lower position.
 */
export function allocateParts(weights: Float64Array, count: number, parts: Int32Array): boolean {
  let total = 0;
  for (let position = 0; position < count; position++) total += weights[position]!;
  if (total === 0) return false;
  if (total > SAFE / 10 || count > PARTIES_MAX) {
    allocateExactly(weights, count, parts);
    return true;
  }
  // Long division of weight × 10⁹ in digits small enough for remainder × base to be a safe integer.
  const digits = total <= SAFE / PARTS ? 1 : total <= SAFE / 1000 ? 3 : 9;
  const base = digits === 1 ? PARTS : digits === 3 ? 1000 : 10;
  let left = PARTS;
  for (let position = 0; position < count; position++) {
    let quotient = 0;
    let remainder = weights[position]!;
    for (let digit = 0; digit < digits; digit++) {
      const dividend = remainder * base;
      let whole = Math.floor(dividend / total);
      remainder = dividend - whole * total;
      if (remainder < 0) {
        whole--;
        remainder += total;
      }
      quotient = quotient * base + whole;
    }
    parts[position] = quotient;
    remainders[position] = remainder;
    left -= quotient;
  }
  for (; left > 0; left--) {
    const position = largest(remainders, count);
    parts[position]!++;
    remainders[position] = -1;
  }
  return true;
}

const remainders = new Float64Array(PARTIES_MAX);

function largest(values: Float64Array, count: number): number {
  let best = 0;
  for (let position = 1; position < count; position++) if (values[position]! > values[best]!) best = position;
  return best;
}

function allocateExactly(weights: Float64Array, count: number, parts: Int32Array): void {
  const shares = allocate(BigInt(PARTS), Array.from(weights.subarray(0, count), BigInt));
  for (let position = 0; position < count; position++) parts[position] = Number(shares[position]);
}
