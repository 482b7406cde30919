// Tiers: the measure of a period, what a new amount earns in it, and what a cliff makes of earlier amounts (fine-print 24).
import type { Rational } from '../../../core/money.ts';
import { compare, fraction, minus, plus, times, zero } from '../fraction.ts';
import type { Band, TierTable } from '../plans/plan.ts';

/** One amount in a period of a cliff, and the rate that it has been paid at; null until its event is priced. */
export interface Slice<Owner> {
  readonly owner: Owner;
  readonly amount: Rational;
  rate: Rational | null;
}

/** The slices of a period that one version's cliff prices. */
interface Cliff<Owner> {
  /** In order of arrival: the priced ones first. */
  readonly slices: Slice<Owner>[];
  /** The lowest rate of a priced slice; null while there is none. */
  lowest_rate: Rational | null;
  /** The same of slices that came before and are not held any more (fold-summary.ts). */
  readonly earlier_rate: Rational | null;
}

/** The measure of one partner, plan, component and period. Versions share it; each prices by its own bands. */
export interface Measure<Owner> {
  total: Rational;
  readonly cliffs: Map<TierTable, Cliff<Owner>>;
}

export function newMeasure<Owner>(): Measure<Owner> {
  return { total: zero, cliffs: new Map() };
}

/** The rate of the band that holds a measure: `from` is inclusive, the first band is open below. */
export function rateAt(bands: readonly Band[], measure: Rational): Rational {
  const band = bands.findLast(({ from_minor }) => compare(fraction(from_minor), measure) <= 0);
  return (band ?? bands[0]!).rate;
}

/** What the stretch from the measure's total to the total plus `amount` earns in marginal bands; moves the total. */
export function takeMarginal<Owner>(measure: Measure<Owner>, { bands }: TierTable, amount: Rational): Rational {
  const before = earnedUpTo(bands, measure.total);
  measure.total = plus(measure.total, amount);
  return minus(earnedUpTo(bands, measure.total), before);
}

/** Everything from zero to `total` by marginal bands; negative below zero. */
function earnedUpTo(bands: readonly Band[], total: Rational): Rational {
  let earned = times(total, bands[0]!.rate);
  for (let index = 1; index < bands.length; index++) {
    const above = minus(total, fraction(bands[index]!.from_minor));
    if (above.numerator <= 0n) break;
    earned = plus(earned, times(above, minus(bands[index]!.rate, bands[index - 1]!.rate)));
  }
  return earned;
}

/** Puts an amount into a cliff's period, unpriced until the whole event is in. */
export function takeCliff<Owner>(measure: Measure<Owner>, tiers: TierTable, owner: Owner, amount: Rational): void {
  measure.total = plus(measure.total, amount);
  const { slices } = measure.cliffs.getOrInsertComputed(tiers, () => ({
    slices: [],
    lowest_rate: null,
    earlier_rate: null,
  }));
  slices.push({ owner, amount, rate: null });
}

/** What an owner earns more. */
type Raise<Owner> = (owner: Owner, earned: Rational) => void;

/** After a whole event: its own slices get the rate that the measure has reached. */
export function priceNew<Owner>({ total, cliffs }: Measure<Owner>, raise: Raise<Owner>): void {
  for (const [{ bands }, cliff] of cliffs) {
    const { slices, lowest_rate } = cliff;
    const first = slices.findLastIndex((slice) => slice.rate !== null) + 1;
    if (first === slices.length) continue;
    const rate = rateAt(bands, total);
    for (const slice of slices.slice(first)) {
      slice.rate = rate;
      raise(slice.owner, times(slice.amount, rate));
    }
    if (lowest_rate === null || compare(rate, lowest_rate) < 0) cliff.lowest_rate = rate;
  }
}

/** What an event moves came before all that is held: the partner's events are folded from the first one on. */
export class NotHeld extends Error {}

/**
 * Then the period's earlier slices that stand below that rate are raised to it; none is ever lowered. Throws NotHeld where some of
 * them are not held any more.
 */
export function raiseEarlier<Owner>({ total, cliffs }: Measure<Owner>, raise: Raise<Owner>): void {
  for (const [{ bands }, cliff] of cliffs) {
    const rate = rateAt(bands, total);
    if (cliff.lowest_rate === null || compare(cliff.lowest_rate, rate) >= 0) continue;
    if (cliff.earlier_rate && compare(cliff.earlier_rate, rate) < 0) throw new NotHeld();
    for (const slice of cliff.slices) {
      if (slice.rate === null || compare(slice.rate, rate) >= 0) continue;
      raise(slice.owner, times(slice.amount, minus(rate, slice.rate)));
      slice.rate = rate;
    }
    cliff.lowest_rate = rate;
  }
}
