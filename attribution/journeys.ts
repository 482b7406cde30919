// The journeys pass: touches stream by once, deal by deal, and leave weights and influence; then claims.ts leaves sourcing.
// Memory depends on the number of deals and parties, never on the number of touches.
import type { Config } from '../core/config.ts';
import { configuredVariant, type FirstTouches, keepFirstTouch, noFirstTouches, sourceDeals } from './claims.ts';
import { DAY_US, type RowBuffer, rowBuffer } from './columns.ts';
import { type Deals, type Parties, readDeals, readParties } from './inputs.ts';
import { methodOf } from './methods/registry.ts';
import { PARTS } from './parts.ts';
import { pathTransforms } from './path-transforms.ts';
import type { ProgressLog, WarehousePort } from './ports.ts';
import { createTables, publishResults, UNATTRIBUTED } from './results.ts';
import { dropFirst, eachJourney } from './touch-stream.ts';
import { creditJourneys, type JourneyCredit } from './weights.ts';
import { firstSince, visitWindows, type WindowVisitor } from './windows.ts';

export interface JourneysInput {
  readonly warehouse: WarehousePort;
  readonly config: Pick<Config, 'attribution' | 'motions'>;
  readonly log: ProgressLog;
}

interface CreditInput extends Omit<JourneysInput, 'log'> {
  readonly deals: Deals;
  readonly parties: Parties;
  /** To be filled. */
  readonly firstTouches: FirstTouches;
  readonly windows: WindowVisitor;
}

/**
 * Writes `attribution.deal_sourcing`, `registration_conflict`, `deal_influence`, `weight`, `touch_weight` and `window_deal`
 * from schema `journeys`.
 */
export async function runJourneys({ warehouse, config, log }: JourneysInput): Promise<void> {
  const deals = await readDeals(warehouse);
  const parties = await readParties(warehouse);
  const firstTouches = noFirstTouches(deals.count);
  await createTables(warehouse, config.attribution.methods);
  const windows = await visitWindows(warehouse, deals, parties);
  log({ step: 'weights', counts: await creditDeals({ warehouse, config, deals, parties, firstTouches, windows }) });
  const variants = [configuredVariant(config, firstTouches), ...(await windows.close(config))];
  log({ step: 'sourcing', counts: await sourceDeals({ warehouse, deals, parties, variants }) });
  await publishResults(warehouse, config.attribution.methods);
}

async function creditDeals(input: CreditInput): Promise<{ touches: number; credits: number }> {
  const { warehouse, config, deals, parties, firstTouches, windows } = input;
  const { methods: names, path_transform, lookback_days } = config.attribution;
  const settings = { attribution: config.attribution, kinds: await readKinds(warehouse) };
  const weighs = names.map((name) => methodOf(name).prepare(settings));
  const creditOf = creditJourneys(parties.count, pathTransforms[path_transform], weighs);
  const parts = names.map(() => 'integer' as const);
  const credits = rowBuffer(await warehouse.appender('attribution.credit'), [...creditColumns, ...parts]);
  const touchCredits = rowBuffer(await warehouse.appender('attribution.touch_credit'), ['integer', ...parts]);
  let [next, touches] = [0, 0];
  await eachJourney(warehouse, deals, names.includes('custom'), (deal, journey, first_index) => {
    const start = firstSince(journey, deals.created_us[deal]! - lookback_days * DAY_US);
    windows.visit(deal, journey, start);
    dropFirst(journey, start);
    if (journey.touchCount === 0) return;
    for (; next < deal; next++) writeUnattributed(credits, next, null);
    next = deal + 1;
    touches += journey.touchCount;
    keepFirstTouch(firstTouches, deal, journey, first_index + start);
    const touchCount = journey.touchCount;
    const credit = creditOf(journey);
    writeCredit(credits, deal, credit);
    writeTouchCredit(touchCredits, first_index + start, touchCount, credit);
  });
  for (; next < deals.count; next++) writeUnattributed(credits, next, null);
  await touchCredits.close();
  return { touches, credits: await credits.close() };
}

async function readKinds(warehouse: WarehousePort): Promise<string[]> {
  const rows = await warehouse.rows<{ kind: string }>('select kind from journeys.touch_kind order by kind_index');
  return rows.map(({ kind }) => kind);
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
