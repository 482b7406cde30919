// Money: exact parsing and formatting, allocation that never loses a unit, half-even rounding (invariants: Credit).
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate, divideHalfEven, formatAmount, MoneyError, parseAmount, parseDecimal } from '../../core/money.ts';

const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 12 })
  .filter((list) => list.some((weight) => weight > 0n));
const runs = { numRuns: 1000 };
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

describe('text becomes minor units exactly or not at all', () => {
  test.each([
    ['1234.50', 2, 123450n],
    ['-0.05', 2, -5n],
    ['100', 0, 100n],
    ['1.234', 3, 1234n],
    ['7', 2, 700n],
    ['999999999999999.999', 3, 999999999999999999n],
  ])('%s with %i decimals', (text, exponent, minor) => expect(parseAmount(text, exponent)).toBe(minor));

  test.each([
    ['1,234.56', 2, 'bad_amount'],
    ['12.345', 2, 'too_many_decimals'],
    ['1.00', 0, 'too_many_decimals'],
    ['100.5', 0, 'too_many_decimals'],
    ['NaN', 2, 'bad_amount'],
    ['Infinity', 2, 'bad_amount'],
    ['1e3', 2, 'bad_amount'],
    [' 1.00', 2, 'bad_amount'],
    ['1.', 2, 'bad_amount'],
    ['.5', 2, 'bad_amount'],
    ['01', 2, 'bad_amount'],
    ['+1', 2, 'bad_amount'],
    ['', 2, 'bad_amount'],
    ['12345678901234567.89', 2, 'amount_too_long'],
  ])('%j with %i decimals is refused: %s', (text, exponent, reason) => {
    expect(() => parseAmount(text, exponent)).toThrow(MoneyError);
    try {
      parseAmount(text, exponent);
    } catch (error) {
      expect((error as MoneyError).reason).toBe(reason);
    }
  });

  test('format and parse are inverse', () =>
    fc.assert(
      fc.property(amounts, fc.constantFrom(0, 2, 3), (amount, exponent) => {
        expect(parseAmount(formatAmount(amount, exponent), exponent)).toBe(amount);
      }),
      runs,
    ));
});

describe('allocate', () => {
  test.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [10000000n, [1n, 1n, 1n], [3333334n, 3333333n, 3333333n]],
    [5n, [0n, 3n, 7n], [0n, 2n, 3n]],
    [0n, [0n, 0n], [0n, 0n]],
  ])('%s by its weights', (amount, parts, shares) => expect(allocate(amount, parts)).toEqual(shares));

  test('weights that are all zero, or negative, cannot split money', () => {
    expect(() => allocate(1n, [0n])).toThrow(/all weights are zero/);
    expect(() => allocate(1n, [-1n, 2n])).toThrow(/negative/);
  });

  test('nothing is lost, each share is within one unit of its exact part', () =>
    fc.assert(
      fc.property(amounts, weights, (amount, parts) => {
        const shares = allocate(amount, parts);
        const total = sum(parts);
        expect(sum(shares)).toBe(amount);
        for (const [index, share] of shares.entries()) {
          const distance = share * total - amount * parts[index]!;
          expect(distance < total && -distance < total).toBe(true);
          expect(amount >= 0n ? share >= 0n && share <= amount : share <= 0n && share >= amount).toBe(true);
        }
      }),
      runs,
    ));

  test('the sign and a common factor change nothing: split(-x) = -split(x), split(k·w) = split(w)', () =>
    fc.assert(
      fc.property(amounts, weights, fc.bigInt({ min: 1n, max: 1000n }), (amount, parts, factor) => {
        const shares = allocate(amount, parts);
        expect(allocate(-amount, parts)).toEqual(shares.map((share) => -share));
        expect(
          allocate(
            amount,
            parts.map((weight) => weight * factor),
          ),
        ).toEqual(shares);
      }),
      runs,
    ));
});

describe('rounding is half to even', () => {
  test.each([
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [5n, 2n, 2n],
    [-1n, 2n, 0n],
    [-3n, 2n, -2n],
    [7n, 3n, 2n],
    [8n, -3n, -3n],
  ])('%s / %s = %s', (numerator, denominator, result) => expect(divideHalfEven(numerator, denominator)).toBe(result));

  test('GBP 1,000 × 10 % booked at 1.22 is USD 122.00 (ground truth 12)', () => {
    const times = (amount: bigint, rate: string) => {
      const { numerator, denominator } = parseDecimal(rate);
      return divideHalfEven(amount * numerator, denominator);
    };
    expect(times(times(100_000n, '0.10'), '1.22')).toBe(12_200n);
  });
});
