// The edges of every method, and what holds for any journey; published examples are in published.test.ts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Journey } from '../../attribution/methods/method.ts';
import { type MethodName, methods } from '../../attribution/methods/registry.ts';
import { decayWeight } from '../../attribution/methods/time-decay.ts';
import { PARTS } from '../../attribution/parts.ts';
import { pathTransforms } from '../../attribution/path-transforms.ts';
import { allocate } from '../../core/money.ts';
import { creditOf, DAY_US, journeyOf, partsOf } from './journey.ts';

describe('edges (domain.md §6, fine-print 15 and 16)', () => {
  const percent = (method: MethodName, journey: Journey) =>
    Object.fromEntries(Object.entries(partsOf(method, journey)).map(([party, parts]) => [party, parts / 1e7]));

  test.each<[string, MethodName, Journey, Record<string, number>]>([
    ['u: one touch 100', 'u_shaped', journeyOf('a'), { a: 100 }],
    ['u: two touches 50/50', 'u_shaped', journeyOf('ab'), { a: 50, b: 50 }],
    ['u: four touches 40/10/10/40', 'u_shaped', journeyOf('abcd'), { a: 40, b: 10, c: 10, d: 40 }],
    [
      'w: 30/30/30 and 10 to the rest',
      'w_shaped',
      journeyOf('abcde', { lead: 1, created: 3 }),
      { a: 30, b: 30, c: 5, d: 30, e: 5 },
    ],
    [
      'w: a touch exactly at the lead counts',
      'w_shaped',
      journeyOf('abcd', { lead: 2, created: 2.5 }),
      { a: 30, b: 5, c: 60, d: 5 },
    ],
    ['w: no lead: 45/45/10', 'w_shaped', journeyOf('abc', { created: 1 }), { a: 45, b: 45, c: 10 }],
    ['w: no lead, no rest: 50/50', 'w_shaped', journeyOf('ab', { created: 1 }), { a: 50, b: 50 }],
    [
      'w: lead before every touch is missing',
      'w_shaped',
      journeyOf('abc', { lead: -1, created: 1 }),
      { a: 45, b: 45, c: 10 },
    ],
    ['w: one touch holds all three', 'w_shaped', journeyOf('abc', { lead: 0.5, created: 0.5 }), { a: 90, b: 5, c: 5 }],
    ['w: only the first is there: 90 and 10', 'w_shaped', journeyOf('abc'), { a: 90, b: 5, c: 5 }],
    ['w: a single touch earns all', 'w_shaped', journeyOf('a', { created: 3 }), { a: 100 }],
    [
      'full: 22.5 × 4 + 10',
      'full_path',
      journeyOf('abcde', { lead: 1, created: 3 }),
      { a: 22.5, b: 22.5, c: 10, d: 22.5, e: 22.5 },
    ],
    [
      'full: the last touch may be the deal’s',
      'full_path',
      journeyOf('abcd', { lead: 1, created: 9 }),
      { a: 22.5, b: 22.5, c: 10, d: 45 },
    ],
    ['full: no lead: 30 × 3 + 10', 'full_path', journeyOf('abcd', { created: 1 }), { a: 30, b: 30, c: 10, d: 30 }],
    [
      'full: no rest: the four share 100',
      'full_path',
      journeyOf('abcd', { lead: 1, created: 2 }),
      { a: 25, b: 25, c: 25, d: 25 },
    ],
  ])('%s', (_, method, journey, expected) => {
    expect(percent(method, journey)).toEqual(expected);
  });

  test('custom: weights per kind; kinds without one earn nothing; all without one leave the deal unattributed', () => {
    const attribution = { methods: ['custom'], custom: { weights: { a: 3, b: 1 } } };
    expect(partsOf('custom', journeyOf('abc'), attribution)).toEqual({ a: 750_000_000, b: 250_000_000, c: 0 });
    expect(partsOf('custom', journeyOf('cc'), attribution)).toEqual({ c: 0 });
  });

  test('time decay counts real time: an hour less over the change to summer time', () => {
    const hours = (count: number) => count / 24;
    const short = partsOf('time_decay', journeyOf('ab', { days: [0, hours(23)] }), {
      time_decay: { half_life_days: hours(23) },
    });
    expect(short).toEqual({ a: 333333333, b: 666666667 });
  });
});

describe('the weight of an age is correctly rounded', () => {
  test.each([
    ['7', 0, 2 ** 40],
    ['7', 7 * DAY_US, 2 ** 39],
    ['7', 280 * DAY_US, 1],
    ['7', 287 * DAY_US, 0], // exactly one half goes to the even 0
    ['7', 5000 * DAY_US, 0],
    ['0.5', 3 * DAY_US, 2 ** 34],
  ])('half-life %s d, age %d µs → %d', (half_life, age, expected) => {
    expect(decayWeight(half_life)(age)).toBe(expected);
  });

  test('against 80 decimal digits', () => {
    // 2⁴⁰·2^(−1/7) and 2⁴⁰·2^(−1/3) from an independent calculation (Python decimal, 80 digits)
    expect(decayWeight('7')(DAY_US)).toBe(995853700410);
    expect(decayWeight('3')(DAY_US)).toBe(872682957291);
  });

  test('weights never grow with age', () => {
    const decay = decayWeight('7');
    fc.assert(
      fc.property(fc.nat(200 * DAY_US), fc.nat(200 * DAY_US), (left, right) => {
        expect(decay(Math.max(left, right))).toBeLessThanOrEqual(decay(Math.min(left, right)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('credit of one journey (invariants.md)', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcdef'), minLength: 1, maxLength: 40 });
  const journeys = fc
    .record({
      path: letters,
      gaps: fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 40, maxLength: 40 }),
      lead: fc.option(fc.nat(300)),
      created: fc.nat(300),
    })
    .map(({ path, gaps, lead, created }) => {
      let day = 0;
      const days = gaps.slice(0, path.length).map((gap) => (day += Math.round(gap * 1e6) / 1e6));
      return { path, days, ...(lead === null ? {} : { lead }), created };
    });
  const attribution = { methods: ['custom'], custom: { weights: { a: 5, b: 3, c: 2, d: 1, e: 1, f: 7 } } };
  const names = Object.keys(methods) as MethodName[];

  test.each(names)('%s: parts are not negative and add up to 10⁹', (method) => {
    fc.assert(
      fc.property(journeys, ({ path, ...at }) => {
        const parts = Object.values(partsOf(method, journeyOf(path, at), attribution));
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(PARTS);
      }),
      { numRuns: 1000 },
    );
  });

  test.each(names)(
    '%s: the parts of a party’s touches add up to the party’s, also after a path transform',
    (method) => {
      fc.assert(
        fc.property(journeys, fc.constantFrom('none', 'exposure', 'first'), ({ path, ...at }, transform) => {
          const credit = creditOf(method, journeyOf(path, at), attribution, pathTransforms[transform as 'first']);
          const touches = [...path].map((letter, touch) => ({ letter, parts: credit.touchParts[0]![touch]! }));
          for (let place = 0; place < credit.partyCount; place++) {
            const letter = String.fromCharCode(97 + credit.party_index[place]!);
            const own = touches.filter((touch) => touch.letter === letter).map(({ parts }) => parts);
            expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
            expect(own.reduce((sum, parts) => sum + parts, 0)).toBe(credit.parts[0]![place]);
          }
        }),
        { numRuns: 1000 },
      );
    },
  );

  test('touches earn by their own weight: of a party’s two touches the later one more under time decay', () => {
    const credit = creditOf('time_decay', journeyOf('aba', { days: [0, 7, 14] }));
    expect([...credit.touchParts[0]!.subarray(0, 3)]).toEqual([142857143, 285714286, 571428571]);
  });

  test.each(names)('%s: one touch earns everything', (method) => {
    expect(partsOf(method, journeyOf('b', { created: 0 }), attribution)).toEqual({ b: PARTS });
  });

  test('linear gives a party its share of the touches', () => {
    fc.assert(
      fc.property(journeys, ({ path, ...at }) => {
        const parts = partsOf('linear', journeyOf(path, at));
        for (const [party, part] of Object.entries(parts)) {
          const touches = [...path].filter((letter) => letter === party).length;
          expect(Math.abs(part - (PARTS * touches) / path.length)).toBeLessThan(1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('first and last touch are duals under the reversal of time', () => {
    fc.assert(
      fc.property(letters, (path) => {
        const reversed = [...path].reverse().join('');
        expect(partsOf('first_touch', journeyOf(path))).toEqual(partsOf('last_touch', journeyOf(reversed)));
      }),
      { numRuns: 1000 },
    );
  });

  test('money: shares add up, keep between 0 and the amount, mirror with the sign, and are within one unit of exact', () => {
    fc.assert(
      fc.property(
        journeys,
        fc.constantFrom(...names),
        fc.bigInt(-(10n ** 15n), 10n ** 15n),
        ({ path, ...at }, method, amount) => {
          const weights = Object.values(partsOf(method, journeyOf(path, at), attribution)).map(BigInt);
          const shares = allocate(amount, weights);
          expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
          expect(allocate(-amount, weights)).toEqual(shares.map((share) => -share));
          for (const [place, share] of shares.entries()) {
            expect(share * amount).toBeGreaterThanOrEqual(0n);
            const error = share * BigInt(PARTS) - amount * weights[place]!;
            expect(error < BigInt(PARTS) && -error < BigInt(PARTS)).toBe(true);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
