// The fast road to parts of 10⁹ against the exact one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocateParts, PARTS } from '../../attribution/parts.ts';
import { allocate } from '../../core/money.ts';

function fast(weights: readonly number[]): number[] {
  const parts = new Int32Array(weights.length);
  expect(allocateParts(Float64Array.from(weights), weights.length, parts)).toBe(true);
  return [...parts];
}

const exact = (weights: readonly number[]) => allocate(BigInt(PARTS), weights.map(BigInt)).map(Number);

describe('allocateParts = allocate(10⁹, weights)', () => {
  test.each<[string, number]>([
    ['weights of touches', 20],
    ['sums near 2²³', 2 ** 23],
    ['sums near 2⁴⁰', 2 ** 40],
    ['sums near 2⁴⁶', 2 ** 46],
    ['sums near 2⁵³', 2 ** 50],
  ])('%s', (_, max) => {
    const weights = fc
      .array(fc.nat({ max }), { minLength: 1, maxLength: 7 })
      .filter((list) => list.some((weight) => weight > 0));
    fc.assert(
      fc.property(weights, (list) => {
        expect(fast(list)).toEqual(exact(list));
      }),
      { numRuns: 2000 },
    );
  });

  test('of any amount up to 10⁹', () => {
    const weights = fc.array(fc.nat({ max: 2 ** 44 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: PARTS }), (list, amount) => {
        const parts = new Int32Array(list.length);
        fc.pre(allocateParts(Float64Array.from(list), list.length, parts, amount));
        expect([...parts]).toEqual(allocate(BigInt(amount), list.map(BigInt)).map(Number));
      }),
      { numRuns: 2000 },
    );
  });

  test('many parties', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 60, maxLength: 300 }), (list) => {
        expect(fast(list)).toEqual(exact(list));
      }),
      { numRuns: 200 },
    );
  });

  test('a factor on all weights changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
        (list, factor) => {
          expect(fast(list.map((weight) => weight * factor))).toEqual(fast(list));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('ties go to the lower position', () => {
    expect(fast([1, 1, 1])).toEqual([333333334, 333333333, 333333333]);
  });

  test('weights that are all zero cannot be split', () => {
    expect(allocateParts(new Float64Array(3), 3, new Int32Array(3))).toBe(false);
  });
});
