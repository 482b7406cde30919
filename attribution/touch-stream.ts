// The stream of touches cut into journeys, one reused object for all of them.
import { instants } from './columns.ts';
import type { Deals } from './inputs.ts';
import type { Journey } from './methods/method.ts';
import type { WarehousePort } from './ports.ts';
import { countRows } from './sql.ts';

/**
 * Cuts the stream of touches into journeys as far back as the horizon, and visits each with its deal and the `touch_index` of
 * its first touch. The journey is reused. Throws when touches do not come in the order of `touch_index`.
 */
export async function eachJourney(
  warehouse: WarehousePort,
  deals: Deals,
  withKinds: boolean,
  visit: (deal: number, journey: Journey, touch_index: number) => void,
): Promise<void> {
  const count = await countRows(warehouse, 'journeys.touch');
  const columns = ['touch_index', 'deal_index', 'occurred_us', 'party_index', ...(withKinds ? ['kind_index'] : [])];
  const journey = emptyJourney(1024);
  let [deal, read] = [-1, 0];
  const finish = () => {
    if (deal === -1) return;
    journey.lead_created_us = deals.lead_created_upper_us[deal]!;
    journey.created_us = deals.created_upper_us[deal]!;
    visit(deal, journey, read - journey.touchCount);
  };
  for await (const batch of warehouse.stream(`select ${columns.join(', ')} from journeys.touch`, count)) {
    const [touch_index, deal_index] = batch.columns as Int32Array[];
    const occurred_us = instants(batch.columns[2]!);
    const [party_index, kind_index] = batch.columns.slice(3) as Int32Array[];
    for (let row = 0; row < batch.rowCount; row++, read++) {
      if (touch_index![row] !== read) throw new Error('journeys.touch is not in the order of touch_index');
      if (deal_index![row] !== deal) {
        finish();
        deal = deal_index![row]!;
        journey.touchCount = 0;
      }
      if (journey.touchCount === journey.occurred_us.length) grow(journey);
      const touch = journey.touchCount++;
      journey.occurred_us[touch] = occurred_us[row]!;
      journey.party_index[touch] = party_index![row]!;
      journey.kind_index[touch] = kind_index ? kind_index[row]! : 0;
      journey.place[touch] = touch;
    }
  }
  finish();
}

function emptyJourney(size: number): Journey {
  return {
    touchCount: 0,
    occurred_us: new Float64Array(size),
    party_index: new Int32Array(size),
    kind_index: new Int32Array(size),
    place: new Int32Array(size),
    lead_created_us: 0,
    created_us: 0,
  };
}

function grow(journey: Journey): void {
  const larger = emptyJourney(journey.occurred_us.length * 2);
  for (const name of ['occurred_us', 'party_index', 'kind_index', 'place'] as const) larger[name].set(journey[name]);
  Object.assign(journey, { ...larger, touchCount: journey.touchCount });
}

/** Drops the first `start` touches. */
export function dropFirst(journey: Journey, start: number): void {
  if (start === 0) return;
  for (const name of ['occurred_us', 'party_index', 'kind_index'] as const)
    journey[name].copyWithin(0, start, journey.touchCount);
  journey.touchCount -= start;
}
