// Who touched a deal: the distinct parties of a journey with their touches. A deal is influenced by each partner among them
// other than its sourcing partner (domain.md §5), which is known only when every deal has been sourced: see results.ts.
import type { Journey } from './methods/method.ts';

/** The parties of one journey in party order, in the first `partyCount` places of each array. */
export interface JourneyParties {
  partyCount: number;
  party_index: Int32Array;
  touchpoint_count: Int32Array;
  first_touch_us: Float64Array;
  last_touch_us: Float64Array;
}

/** Room for `size` parties. */
export function noParties(size: number): JourneyParties {
  return {
    partyCount: 0,
    party_index: new Int32Array(size),
    touchpoint_count: new Int32Array(size),
    first_touch_us: new Float64Array(size),
    last_touch_us: new Float64Array(size),
  };
}

/** Fills `parties` in party order, and `slot[party_index]` with each one's place there. */
export function collectParties(journey: Journey, slot: Int32Array, parties: JourneyParties): void {
  const { party_index } = parties;
  let count = 0;
  for (let touch = 0; touch < journey.touchCount; touch++) slot[journey.party_index[touch]!] = -1;
  for (let touch = 0; touch < journey.touchCount; touch++) {
    const party = journey.party_index[touch]!;
    if (slot[party] !== -1) continue;
    slot[party] = 0;
    party_index[count++] = party;
  }
  sortFirst(party_index, count);
  parties.partyCount = count;
  for (let place = 0; place < count; place++) slot[party_index[place]!] = place;
  parties.touchpoint_count.fill(0, 0, count);
  for (let touch = 0; touch < journey.touchCount; touch++) {
    const place = slot[journey.party_index[touch]!]!;
    if (parties.touchpoint_count[place] === 0) parties.first_touch_us[place] = journey.occurred_us[touch]!;
    parties.last_touch_us[place] = journey.occurred_us[touch]!;
    parties.touchpoint_count[place]!++;
  }
}

function sortFirst(values: Int32Array, count: number): void {
  if (count > 24) {
    values.subarray(0, count).sort();
    return;
  }
  for (let place = 1; place < count; place++) {
    const value = values[place]!;
    let hole = place;
    for (; hole > 0 && values[hole - 1]! > value; hole--) values[hole] = values[hole - 1]!;
    values[hole] = value;
  }
}
