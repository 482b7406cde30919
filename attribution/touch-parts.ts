// What each touch earned: the parts of its party, split over the party's touches by their weights. For explaining a deal;
// money is split by the parties' parts alone (fine-print 14).
import { allocate } from '../core/money.ts';
import type { Journey } from './methods/method.ts';
import { allocateParts, TOUCHES_SAFE } from './parts.ts';

/** Touches of one journey grouped by their party's place. Arrays are reused. */
export interface TouchGroups {
  /** `touches[start[place] … start[place + 1] − 1]` are the touches of a place, in journey order. */
  start: Int32Array;
  touches: Int32Array;
}

export function groupTouches(journey: Journey, slot: Int32Array, partyCount: number, groups: TouchGroups): void {
  const { start } = groups;
  start.fill(0, 0, partyCount + 1);
  for (let touch = 0; touch < journey.touchCount; touch++) start[slot[journey.party_index[touch]!]! + 1]!++;
  for (let place = 0; place < partyCount; place++) start[place + 1]! += start[place]!;
  const next = start.slice(0, partyCount);
  for (let touch = 0; touch < journey.touchCount; touch++) {
    const place = slot[journey.party_index[touch]!]!;
    groups.touches[next[place]!++] = touch;
  }
}

/** Splits `parts` of each party over its touches: writes `into[journey.place[touch]]` for every touch of the journey. */
export function splitToTouches(
  journey: Journey,
  weights: Float64Array,
  groups: TouchGroups,
  parts: Int32Array,
  partyCount: number,
  into: Int32Array,
): void {
  for (let place = 0; place < partyCount; place++) {
    const first = groups.start[place]!;
    const count = groups.start[place + 1]! - first;
    if (count === 1) into[journey.place[groups.touches[first]!]!] = parts[place]!;
    else if (count > 1)
      splitParty(journey, weights, groups.touches.subarray(first, first + count), parts[place]!, into);
  }
}

let ownWeights = new Float64Array(64);
let ownParts = new Int32Array(64);

function splitParty(
  journey: Journey,
  weights: Float64Array,
  touches: Int32Array,
  amount: number,
  into: Int32Array,
): void {
  const count = touches.length;
  if (count > ownWeights.length) {
    ownWeights = new Float64Array(count * 2);
    ownParts = new Int32Array(count * 2);
  }
  for (let index = 0; index < count; index++) ownWeights[index] = weights[touches[index]!]!;
  if (amount === 0) ownParts.fill(0, 0, count);
  else if (count < TOUCHES_SAFE) allocateParts(ownWeights, count, ownParts, amount);
  else ownParts.set(allocate(BigInt(amount), Array.from(ownWeights.subarray(0, count), BigInt)).map(Number));
  for (let index = 0; index < count; index++) into[journey.place[touches[index]!]!] = ownParts[index]!;
}
