// One journey → what each of its parties earned: its touches (influence.ts) and parts of 10⁹ under every method.
import { allocate } from '../core/money.ts';
import { collectParties, type JourneyParties, noParties } from './influence.ts';
import type { Journey, Weigh } from './methods/method.ts';
import { allocateParts, PARTS, TOUCHES_SAFE } from './parts.ts';
import type { Transform } from './path-transforms.ts';
import { groupTouches, splitToTouches } from './touch-parts.ts';

/** The parties of one journey with their parts. Arrays are reused: read them before the next journey. */
export interface JourneyCredit extends JourneyParties {
  /** By method, by party. All zero where the method gives no touch of the journey any weight: the deal is unattributed. */
  parts: readonly Int32Array[];
  /** By method, by touch of the journey before its path transform; 0 for a touch that the transform dropped. */
  touchParts: readonly Int32Array[];
}

/** Prepares the credit of journeys over `partyCount` parties; the given function transforms the journey in place. */
export function creditJourneys(
  partyCount: number,
  transform: Transform,
  weighs: readonly Weigh[],
): (journey: Journey) => JourneyCredit {
  const slot = new Int32Array(partyCount);
  let credit = emptyCredit(16, 64, weighs.length);
  let scratch = emptyScratch(16, 64);
  return (journey) => {
    const distinct = Math.min(journey.touchCount, partyCount);
    if (journey.touchCount > scratch.weights.length || distinct > scratch.sums.length) {
      credit = emptyCredit(distinct * 2, journey.touchCount * 2, weighs.length);
      scratch = emptyScratch(distinct * 2, journey.touchCount * 2);
    }
    const touchCount = journey.touchCount;
    collectParties(journey, slot, credit);
    transform(journey);
    groupTouches(journey, slot, credit.partyCount, scratch.groups);
    for (let method = 0; method < weighs.length; method++) {
      const parts = credit.parts[method]!;
      const touchParts = credit.touchParts[method]!;
      weighs[method]!(journey, scratch.weights);
      split(journey, scratch.weights, slot, scratch.sums, credit.partyCount, parts);
      if (journey.touchCount < touchCount) touchParts.fill(0, 0, touchCount);
      splitToTouches(journey, scratch.weights, scratch.groups, parts, credit.partyCount, touchParts);
    }
    return credit;
  };
}

function emptyCredit(parties: number, touches: number, methods: number): JourneyCredit {
  return {
    ...noParties(parties),
    parts: Array.from({ length: methods }, () => new Int32Array(parties)),
    touchParts: Array.from({ length: methods }, () => new Int32Array(touches)),
  };
}

function emptyScratch(parties: number, touches: number) {
  return {
    weights: new Float64Array(touches),
    sums: new Float64Array(parties),
    groups: { start: new Int32Array(parties + 1), touches: new Int32Array(touches) },
  };
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
