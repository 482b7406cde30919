// What of a partner's fold is kept from run to run: how far the measures of its tiers and the pools of its caps have come, and who
// had a flat. Lines are not: a fold goes on from here only where nothing that comes moves a line of before.
import { fractionText, parseFraction } from '../fraction.ts';
import type { Calendar } from '../plans/calendar.ts';
import type { PlanBook, TierTable } from '../plans/plan.ts';
import type { CapPool } from './cap.ts';
import { type FoldState, newFoldState } from './fold-state.ts';
import type { Cell } from './target.ts';
import type { Measure } from './tiers.ts';

/** A fold as text, and the deals that it names by their place: itself, or the customer that the deal is of. */
export interface FoldSummary {
  readonly text: string;
  readonly deals: readonly number[];
}

/** A deal that a summary names, as it is numbered now. */
export interface NamedDeal {
  readonly deal: number;
  readonly customer: number;
}

type CliffText = [tiers: string, lowest_rate: string];
type MeasureText = [period: string, total: string, cliffs: CliffText[]];
/** A customer is a place, a period a date. */
type PoolText = [scope: number | string, positive: string, lowest_cap: string | null, used: string];
interface SummaryText {
  readonly measures: readonly (readonly [component: string, MeasureText[]])[];
  readonly pools: readonly (readonly [plan: string, PoolText[]])[];
  readonly customers_with_flat: readonly number[];
  readonly deals_with_flat: readonly number[];
}

export interface Summaries {
  readonly write: (state: FoldState) => FoldSummary;
  readonly read: (text: string, deals: readonly NamedDeal[]) => FoldState;
}

/** Summaries under the plans of a book. */
export function summaries(book: PlanBook, calendar: Calendar): Summaries {
  const tables = new Map(
    [...book.values()]
      .flat()
      .flatMap(({ plan, starts_on, components }) =>
        components.flatMap((component) =>
          component.kind === 'percent' && component.tiers
            ? [[`${plan} ${starts_on} ${component.name}`, component.tiers] as const]
            : [],
        ),
      ),
  );
  const names = new Map([...tables].map(([name, table]) => [table, name]));
  return {
    write: (state) => summaryOf(state, names),
    read: (text, deals) => stateOf(JSON.parse(text) as SummaryText, deals, tables, calendar),
  };
}

function summaryOf(state: FoldState, names: ReadonlyMap<TierTable, string>): FoldSummary {
  const deals: number[] = [];
  const places = new Map<number, number>();
  const placeOf = (deal: number) => places.getOrInsertComputed(deal, () => deals.push(deal) - 1);
  const customerPlace = (customer: number) => placeOf(state.customers.get(customer)!);
  const scopeOf = (scope: number | string) => (typeof scope === 'string' ? scope : customerPlace(scope));
  const text: SummaryText = {
    measures: entriesOf(state.measures, (measures) =>
      [...measures].map(([period, measure]) => measureText(period, measure, names)),
    ),
    pools: entriesOf(state.pools, (pools) => [...pools].map(([scope, pool]) => poolText(scopeOf(scope), pool))),
    customers_with_flat: [...state.flats.customer].map(customerPlace),
    deals_with_flat: [...state.flats.deal].map(placeOf),
  };
  return { text: JSON.stringify(text), deals };
}

function entriesOf<Value, Text>(map: ReadonlyMap<string, Value>, textOf: (value: Value) => Text): [string, Text][] {
  return [...map].map(([key, value]) => [key, textOf(value)]);
}

function measureText(
  period: string,
  { total, cliffs }: Measure<Cell>,
  names: ReadonlyMap<TierTable, string>,
): MeasureText {
  const priced = [...cliffs].filter(([, { lowest_rate }]) => lowest_rate !== null);
  return [
    period,
    fractionText(total),
    priced.map(([table, { lowest_rate }]) => [names.get(table)!, fractionText(lowest_rate!)]),
  ];
}

function poolText(
  scope: number | string,
  { lines, earlier_minor, positive_minor, lowest_cap_minor }: CapPool<Cell>,
): PoolText {
  const used = lines.reduce((sum, { payable_minor }) => sum + payable_minor, earlier_minor);
  return [scope, `${positive_minor}`, lowest_cap_minor === null ? null : `${lowest_cap_minor}`, `${used}`];
}

function stateOf(
  text: SummaryText,
  deals: readonly NamedDeal[],
  tables: ReadonlyMap<string, TierTable>,
  calendar: Calendar,
): FoldState {
  const state = newFoldState(calendar);
  const customerAt = (place: number) => {
    const { deal, customer } = deals[place]!;
    state.customers.set(customer, deal);
    return customer;
  };
  for (const [component, measures] of text.measures)
    state.measures.set(component, new Map(measures.map((measure) => [measure[0], measureAt(measure, tables)])));
  for (const [plan, pools] of text.pools)
    state.pools.set(
      plan,
      new Map(pools.map((pool) => [typeof pool[0] === 'string' ? pool[0] : customerAt(pool[0]), poolAt(pool)])),
    );
  for (const place of text.customers_with_flat) state.flats.customer.add(customerAt(place));
  for (const place of text.deals_with_flat) state.flats.deal.add(deals[place]!.deal);
  return state;
}

function measureAt([, total, cliffs]: MeasureText, tables: ReadonlyMap<string, TierTable>): Measure<Cell> {
  return {
    total: parseFraction(total),
    cliffs: new Map(
      cliffs.map(([tiers, lowest]) => {
        const rate = parseFraction(lowest);
        return [tables.get(tiers)!, { slices: [], lowest_rate: rate, earlier_rate: rate }];
      }),
    ),
  };
}

/** Whether it was cut need not be known: the lines that were are not held, and what comes is cut where it does not fit. */
function poolAt([, positive, lowest_cap, used]: PoolText): CapPool<Cell> {
  return {
    lines: [],
    earlier_minor: BigInt(used),
    positive_minor: BigInt(positive),
    lowest_cap_minor: lowest_cap === null ? null : BigInt(lowest_cap),
    is_cut: false,
    moved: [],
  };
}
