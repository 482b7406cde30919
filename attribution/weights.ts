// One journey → what each of its parties earned: its touches (influence.ts) and parts of 10⁹ under every method.
import { allocate } from '../core/money.ts';
import { collectParties, type JourneyParties, noParties } from './influence.ts';
import type { Journey, Weigh } from './methods/method.ts';
import { allocateParts, PARTS } from './parts.ts';
import type { Transform } from './path-transforms.ts';

/** The parties of one journey with their parts. Arrays are reused: read them before the next journey. */
export interface JourneyCredit extends JourneyParties {
  /** By method, by party. All zero where the method gives no touch of the journey any weight: the deal is unattributed. */
  parts: readonly Int32Array[];
}

/** Weights of one touch are at most 2⁴⁰, so that the sums of fewer touches than this are safe integers. */
const TOUCHES_SAFE = 8192;

/** Prepares the credit of journeys over `partyCount` parties; the given function transforms the journey in place. */
export function creditJourneys(
  partyCount: number,
  transform: Transform,
  weighs: readonly Weigh[],
): (journey: Journey) => JourneyCredit {
  const slot = new Int32Array(partyCount);
  let credit = emptyCredit(16, weighs.length);
  let weights = new Float64Array(64);
  let sums = new Float64Array(16);
  return (journey) => {
    if (journey.touchCount > weights.length) weights = new Float64Array(journey.touchCount * 2);
    const distinct = Math.min(journey.touchCount, partyCount);
    if (distinct > sums.length) {
      credit = emptyCredit(distinct * 2, weighs.length);
      sums = new Float64Array(distinct * 2);
    }
    collectParties(journey, slot, credit);
    transform(journey);
    for (let method = 0; method < weighs.length; method++) {
      weighs[method]!(journey, weights);
      split(journey, weights, slot, sums, credit.partyCount, credit.parts[method]!);
    }
    return credit;
  };
}

function emptyCredit(size: number, methods: number): JourneyCredit {
  return { ...noParties(size), parts: Array.from({ length: methods }, () => new Int32Array(size)) };
}

/** Touch weights → parts of 10⁹ per party (fine-print 14). */
function split(
  journey: Journey,
  weights: Float64Array,
  slot: Int32Array,
  sums: Float64Array,
  partyCount: number,
  parts: Int32Array,
): void {
  if (journey.touchCount >= TOUCHES_SAFE) {
    splitExactly(journey, weights, slot, partyCount, parts);
    return;
  }
  sums.fill(0, 0, partyCount);
  for (let touch = 0; touch < journey.touchCount; touch++) sums[slot[journey.party_index[touch]!]!]! += weights[touch]!;
  if (!allocateParts(sums, partyCount, parts)) parts.fill(0, 0, partyCount);
}

function splitExactly(
  journey: Journey,
  weights: Float64Array,
  slot: Int32Array,
  partyCount: number,
  parts: Int32Array,
): void {
  const sums = new Array<bigint>(partyCount).fill(0n);
  for (let touch = 0; touch < journey.touchCount; touch++)
    sums[slot[journey.party_index[touch]!]!]! += BigInt(weights[touch]!);
  const nothing = sums.every((sum) => sum === 0n);
  const shares = nothing ? sums : allocate(BigInt(PARTS), sums);
  for (let place = 0; place < partyCount; place++) parts[place] = Number(shares[place]);
}
