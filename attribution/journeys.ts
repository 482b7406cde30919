// The journeys pass: touches stream by once, deal by deal, and leave weights and influence; then claims.ts leaves sourcing.
// Memory depends on the number of deals and parties, never on the number of touches.
import type { Config } from '../core/config.ts';
import { type FirstTouches, sourceDeals } from './claims.ts';
import { instants, type RowBuffer, rowBuffer } from './columns.ts';
import { countRows, type Deals, type Parties, readDeals, readParties } from './inputs.ts';
import type { Journey } from './methods/method.ts';
import { methods } from './methods/registry.ts';
import { PARTS } from './parts.ts';
import { pathTransforms } from './path-transforms.ts';
import type { ProgressLog, WarehousePort } from './ports.ts';
import { createTables, publishResults, UNATTRIBUTED } from './results.ts';
import { creditJourneys, type JourneyCredit } from './weights.ts';

export interface JourneysInput {
  readonly warehouse: WarehousePort;
  readonly config: Pick<Config, 'attribution' | 'motions'>;
  readonly log: ProgressLog;
}

/** Writes `attribution.deal_sourcing`, `registration_conflict`, `deal_influence` and `weight` from schema `journeys`. */
export async function runJourneys({ warehouse, config, log }: JourneysInput): Promise<void> {
  const [deals, parties] = [await readDeals(warehouse), await readParties(warehouse)];
  await createTables(warehouse, config.attribution.methods);
  const { firstTouches, ...counts } = await creditDeals(warehouse, config, deals, parties);
  log({ step: 'weights', counts });
  log({ step: 'sourcing', counts: await sourceDeals({ warehouse, config, deals, parties, firstTouches }) });
  await publishResults(warehouse, config.attribution.methods);
}

// ---- touches → weights ----

async function creditDeals(
  warehouse: WarehousePort,
  config: JourneysInput['config'],
  deals: Deals,
  parties: Parties,
): Promise<{ touches: number; credits: number; firstTouches: FirstTouches }> {
  const { methods: names, path_transform } = config.attribution;
  const settings = { attribution: config.attribution, kinds: await readKinds(warehouse) };
  const weighs = names.map((name) => methods[name].prepare(settings));
  const creditOf = creditJourneys(parties.count, pathTransforms[path_transform], weighs);
  const parts = names.map(() => 'integer' as const);
  const credits = rowBuffer(await warehouse.appender('attribution.credit'), [...creditColumns, ...parts]);
  const touchCredits = rowBuffer(await warehouse.appender('attribution.touch_credit'), ['integer', ...parts]);
  const firstTouches = noFirstTouches(deals.count);
  let next = 0;
  const touches = await eachJourney(warehouse, deals, names.includes('custom'), (deal, journey, touch_index) => {
    for (; next < deal; next++) writeUnattributed(credits, next, null);
    next = deal + 1;
    firstTouches.party_index[deal] = journey.party_index[0]!;
    firstTouches.occurred_us[deal] = journey.occurred_us[0]!;
    firstTouches.touch_index[deal] = touch_index;
    const touchCount = journey.touchCount;
    const credit = creditOf(journey);
    writeCredit(credits, deal, credit);
    writeTouchCredit(touchCredits, touch_index, touchCount, credit);
  });
  for (; next < deals.count; next++) writeUnattributed(credits, next, null);
  await touchCredits.close();
  return { touches, credits: await credits.close(), firstTouches };
}

function noFirstTouches(count: number): FirstTouches {
  return {
    party_index: new Int32Array(count).fill(-1),
    occurred_us: new Float64Array(count),
    touch_index: new Int32Array(count),
  };
}

async function readKinds(warehouse: WarehousePort): Promise<string[]> {
  const rows = await warehouse.rows<{ kind: string }>('select kind from journeys.touch_kind order by kind_index');
  return rows.map(({ kind }) => kind);
}

/**
 * Cuts the stream of touches into journeys and visits each with its deal and the `touch_index` of its first touch.
 * The journey is reused. Gives the number of touches; throws when they do not come in the order of `touch_index`.
 */
async function eachJourney(
  warehouse: WarehousePort,
  deals: Deals,
  withKinds: boolean,
  visit: (deal: number, journey: Journey, touch_index: number) => void,
): Promise<number> {
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
  return count;
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

/** Columns of `attribution.credit` before its methods: deal, party, touches, first, last. */
const creditColumns = ['integer', 'integer', 'integer', 'instant', 'instant'] as const;

function writeCredit(credits: RowBuffer, deal: number, credit: JourneyCredit): void {
  const [dealOf, partyOf, touchpoints, first, last, ...parts] = credits.columns;
  let credited = 0;
  for (let place = 0; place < credit.partyCount; place++) {
    const row = credits.next();
    dealOf![row] = deal;
    partyOf![row] = credit.party_index[place]!;
    touchpoints![row] = credit.touchpoint_count[place]!;
    first![row] = credit.first_touch_us[place]!;
    last![row] = credit.last_touch_us[place]!;
    for (let method = 0; method < parts.length; method++) {
      parts[method]![row] = credit.parts[method]![place]!;
      credited += credit.parts[method]![place]!;
    }
  }
  if (credited < parts.length * PARTS) writeUnattributed(credits, deal, credit);
}

/** Columns of `attribution.touch_credit`: touch, then one per method. */
function writeTouchCredit(buffer: RowBuffer, touch_index: number, touchCount: number, credit: JourneyCredit): void {
  const [touchOf, ...parts] = buffer.columns;
  for (let touch = 0; touch < touchCount; touch++) {
    const row = buffer.next();
    touchOf![row] = touch_index + touch;
    for (let method = 0; method < parts.length; method++) parts[method]![row] = credit.touchParts[method]![touch]!;
  }
}

/** What no party of the deal earned; without a journey that is everything, under every method. */
function writeUnattributed(credits: RowBuffer, deal: number, credit: JourneyCredit | null): void {
  const row = credits.next();
  const values = [deal, UNATTRIBUTED, 0, 0, 0];
  for (const [column, value] of values.entries()) credits.columns[column]![row] = value;
  for (let column = values.length; column < credits.columns.length; column++) {
    const parts = credit?.parts[column - values.length]?.subarray(0, credit.partyCount);
    credits.columns[column]![row] = parts?.some((part) => part > 0) ? 0 : PARTS;
  }
}
