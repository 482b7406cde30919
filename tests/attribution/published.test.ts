// Published examples of the heuristic methods, each with its source in the name.
import { describe, expect, test } from 'vitest';
import { pathTransforms } from '../../attribution/path-transforms.ts';
import { journeyOf, partsOf, split } from './journey.ts';

describe('examples of ground-truth.md', () => {
  // ground-truth 1: Direct>Organic>Direct, revenue 140 (d = Direct, o = Organic); Display>Organic, 66.50
  test('snowplow-attribution: first touch gives Direct 140', () => {
    expect(split(14000n, partsOf('first_touch', journeyOf('dod')))).toEqual([14000n, 0n]);
  });
  test('snowplow-attribution: last touch gives Direct 140', () => {
    expect(split(14000n, partsOf('last_touch', journeyOf('dod')))).toEqual([14000n, 0n]);
  });
  test('snowplow-attribution: linear gives each of three touches 46.667', () => {
    expect(partsOf('linear', journeyOf('dof'))).toEqual({ d: 333333334, f: 333333333, o: 333333333 });
    expect(split(140000n, partsOf('linear', journeyOf('dof')))).toEqual([46667n, 46667n, 46666n].sort().reverse());
    expect(split(14000n, partsOf('linear', journeyOf('dod')))).toEqual([9333n, 4667n]);
  });
  test('snowplow-attribution: u-shaped gives the touches 56, 28, 56', () => {
    expect(split(14000n, partsOf('u_shaped', journeyOf('def')))).toEqual([5600n, 2800n, 5600n]);
    expect(split(14000n, partsOf('u_shaped', journeyOf('dod')))).toEqual([11200n, 2800n]);
  });
  test('snowplow-attribution: u-shaped splits two touches of 66.50 into 33.25 and 33.25', () => {
    expect(split(6650n, partsOf('u_shaped', journeyOf('do')))).toEqual([3325n, 3325n]);
  });

  test('ground-truth 5, time decay: 12,000 over ages 38/33/26/8/0 days at half-life 7 d, as published but exactly 12,000.00', () => {
    const parts = partsOf('time_decay', journeyOf('abcde', { days: [0, 5, 12, 30, 38] }));
    const shares = split(1_200_000n, parts);
    expect(shares).toEqual([17519n, 28744n, 57488n, 341704n, 754545n]);
    expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(1_200_000n);
    // rounded one by one, as published, they make 12,000.01: the smallest of the fractions that were rounded up gives way
    const published = [17520n, 28744n, 57488n, 341704n, 754545n];
    expect(published.map((cents, touch) => cents - shares[touch]!)).toEqual([1n, 0n, 0n, 0n, 0n]);
  });
  test('ground-truth 5, time decay: half-life 1 d, ages 0, 1, 2 days are 4/7, 2/7, 1/7', () => {
    const parts = partsOf('time_decay', journeyOf('abc'), { time_decay: { half_life_days: 1 } });
    expect(Object.values(parts)).toEqual([142857143, 285714286, 571428571]);
  });

  test('ground-truth 6, filtering: 100,000 over 8 linear touches is 12,500 each, over 3 eligible 33,333.34/.33/.33', () => {
    expect(split(10_000_000n, partsOf('linear', journeyOf('abcdefgh')))).toEqual(Array(8).fill(1_250_000n));
    const eligible = { methods: ['custom'], custom: { weights: { a: 1, d: 1, h: 1 } } };
    expect(
      split(10_000_000n, partsOf('custom', journeyOf('abcdefgh'), eligible)).filter((share) => share > 0n),
    ).toEqual([3_333_334n, 3_333_333n, 3_333_333n]);
  });
});

describe('further published examples', () => {
  const dollars = (shares: bigint[]) => shares.map((cents) => Number(cents) / 100);

  // one buyer's five touches over 38 days to a deal of 12,000, scored by six models
  test.each([
    ['first_touch', [12000, 0, 0, 0, 0]],
    ['last_touch', [0, 0, 0, 0, 12000]],
    ['linear', [2400, 2400, 2400, 2400, 2400]],
    ['u_shaped', [4800, 800, 800, 800, 4800]],
  ] as const)('coreyhaines31/marketingskills, attribution-models.md: %s of a deal of 12,000', (method, expected) => {
    const journey = journeyOf('abcde', { days: [0, 5, 12, 30, 38] });
    expect(dollars(split(1_200_000n, partsOf(method, journey)))).toEqual(expected);
  });

  test('snowplow-attribution, expected overview: last touch of six conversions gives Direct 234.42, Organic 66.50, Video 200', () => {
    // paths to conversion under `exposure`; d = Direct, o = Organic_Search, v = Video, x = Display_Other
    const conversions: [string, bigint][] = [
      ['dd', 5000n],
      ['d', 2042n],
      ['v', 20000n],
      ['oxo', 6650n],
      ['dood', 14000n],
      ['dd', 2400n],
    ];
    const credit: Record<string, bigint> = {};
    for (const [path, revenue] of conversions) {
      const parts = partsOf('last_touch', journeyOf(path), {}, pathTransforms.exposure);
      const shares = split(revenue, parts);
      for (const [place, party] of Object.keys(parts).entries()) credit[party] = (credit[party] ?? 0n) + shares[place]!;
    }
    expect(credit).toEqual({ d: 23442n, o: 6650n, v: 20000n, x: 0n });
  });

  test('Golden Digital glossary, position-based attribution: 100 over five touches is 40 / 6.67 × 3 / 40, exactly 100.00', () => {
    const shares = dollars(split(10_000n, partsOf('u_shaped', journeyOf('abcde'))));
    expect(shares).toEqual([40, 6.67, 6.67, 6.66, 40]);
  });

  test('pancalchub, position-based attribution calculator: 100 over four touches is 40 / 10 / 10 / 40', () => {
    expect(dollars(split(10_000n, partsOf('u_shaped', journeyOf('abcd'))))).toEqual([40, 10, 10, 40]);
  });

  test('Matomo FAQ 25500, linear: of 5 visits each gets 20 %', () => {
    expect(Object.values(partsOf('linear', journeyOf('abcde')))).toEqual(Array(5).fill(200_000_000));
  });

  test('leadsources.io, W-shaped attribution: milestones 30 % each, four middle touches 2.5 % each', () => {
    // first ad, whitepaper (lead), four nurture e-mails, retargeting ad (opportunity)
    const parts = Object.values(partsOf('w_shaped', journeyOf('abcdefg', { lead: 1, created: 6 })));
    expect(parts.map((part) => part / 1e7)).toEqual([30, 30, 2.5, 2.5, 2.5, 2.5, 30]);
  });

  test('HubSpot Knowledge Base, attribution models: full path gives 22.5 % to each of four key points, 10 % to the others', () => {
    // first interaction, lead creation, a middle one, deal creation, a middle one, closed-won
    const parts = Object.values(partsOf('full_path', journeyOf('abcdef', { lead: 1, created: 3 })));
    expect(parts.map((part) => part / 1e7)).toEqual([22.5, 22.5, 5, 22.5, 5, 22.5]);
  });

  test('Google Ads Help, time decay: a click 8 days before the conversion gets half of one 1 day before it', () => {
    const parts = partsOf('time_decay', journeyOf('abc', { days: [0, 7, 8] }));
    expect(parts.a! * 2).toBeGreaterThanOrEqual(parts.b! - 1);
    expect(parts.a! * 2).toBeLessThanOrEqual(parts.b! + 1);
  });

  test('adriennevermorel.com, time-decay attribution model: half-life 7 d, days 21/14/7/0 weigh 12.5, 25, 50, 100', () => {
    const parts = partsOf('time_decay', journeyOf('abcd', { days: [0, 7, 14, 21] }));
    // normalised as the note says: divided by their sum of 187.5
    expect(Object.values(parts)).toEqual([66666667, 133333333, 266666667, 533333333]);
    expect(dollars(split(187_50n, parts))).toEqual([12.5, 25, 50, 100]);
  });
});
