// Half the weight for each half-life before the latest touch: half-even(2⁴⁰ · 2^(−Δ/half_life)) (fine-print 16).
import { parseDecimal } from '../../core/money.ts';
import type { Method } from './method.ts';

const dayMicros = 86_400_000_000n;
const topBits = 40;
/** The double of the exact weight is off by less than this: it is below 2⁴⁰, and right to a few units of 2⁻⁵². */
const doubtful = 2 ** -9;

export const timeDecay: Method = {
  name: 'time_decay',
  prepare: ({ attribution }) => {
    const decay = decayWeight(String(attribution.time_decay.half_life_days));
    return (journey, weights) => {
      const latest_us = journey.occurred_us[journey.touchCount - 1]!;
      for (let touch = 0; touch < journey.touchCount; touch++)
        weights[touch] = decay(latest_us - journey.occurred_us[touch]!);
    };
  },
};

/**
 * The weight of a touch `age_us` microseconds before the latest one, correctly rounded on every machine: a double decides
 * where it can, and exact integers where the double is too near to a half.
 */
export function decayWeight(half_life_days: string): (age_us: number) => number {
  const { numerator, denominator } = parseDecimal(half_life_days);
  const half_life_us = Number(numerator * dayMicros) / Number(denominator);
  return (age_us) => {
    const estimate = 2 ** (-age_us / half_life_us) * 2 ** topBits;
    const floor = Math.floor(estimate);
    const fraction = estimate - floor;
    if (Math.abs(fraction - 0.5) > doubtful) return fraction < 0.5 ? floor : floor + 1;
    return exactDecay(BigInt(age_us) * denominator, numerator * dayMicros);
  };
}

const scaleBits = 160n;
const one = 1n << scaleBits;
const ln2 = naturalLogarithmOf2();

/** half-even(2⁴⁰ · 2^(−numerator/denominator)) in fixed point of 160 bits. */
function exactDecay(numerator: bigint, denominator: bigint): number {
  const halvings = numerator / denominator;
  if (halvings > 60n) return 0;
  const rest = (((numerator % denominator) << scaleBits) / denominator) * ln2;
  const value = exponentialOfMinus(rest >> scaleBits);
  const shift = scaleBits - BigInt(topBits) + halvings;
  const floor = value >> shift;
  const half = 1n << (shift - 1n);
  const remainder = value - (floor << shift);
  // 2^(−x) is a whole number or irrational, but for whole halvings: only those can meet the half exactly
  const up = remainder > half || (remainder === half && floor % 2n === 1n);
  return Number(up ? floor + 1n : floor);
}

/** e^(−x) for 0 ≤ x < 1, by its series. */
function exponentialOfMinus(x: bigint): bigint {
  let sum = one;
  let term = one;
  for (let index = 1n; term !== 0n; index++) {
    term = (term * x) / (one * index);
    sum += index % 2n === 1n ? -term : term;
  }
  return sum;
}

/** ln 2 = Σ 1/(k·2^k). */
function naturalLogarithmOf2(): bigint {
  let sum = 0n;
  for (let index = 1n; index <= scaleBits; index++) sum += (one >> index) / index;
  return sum;
}
