// What the fold of one partner's money events remembers: cells by line, pools of caps, measures of tiers (target.ts).
import type { DayNumber } from '../../../core/month.ts';
import { zero } from '../fraction.ts';
import { type Calendar, periodOf } from '../plans/calendar.ts';
import type { FlatComponent, PercentComponent, PlanVersion, TierTable } from '../plans/plan.ts';
import { type CapPool, join, newPool } from './cap.ts';
import type { LineBalance } from './line.ts';
import type { Cell, Earning, EventPart, MoneyEvent } from './target.ts';
import { type Measure, newMeasure } from './tiers.ts';

/** Everything that one partner's fold remembers. */
export interface FoldState {
  readonly calendar: Calendar;
  readonly balances: Map<number, LineBalance>;
  readonly cells: Map<number, Cell[]>;
  /** By plan and scope, then by customer or by the start of the period. */
  readonly pools: Map<string, Map<number | string, CapPool<Cell>>>;
  /** By component and period; versions of a plan share them. */
  readonly measures: Map<string, Map<string, Measure<Cell>>>;
  readonly measuresOf: Map<PercentComponent, Map<string, Measure<Cell>>>;
  /** Customers and deals that had their flat. */
  readonly flats: Readonly<Record<FlatComponent['once_per'], Set<number>>>;
  /** One deal of each customer that has a pool or had a flat. */
  readonly customers: Map<number, number>;
  readonly last_payments: Map<number, { readonly day: DayNumber; readonly version: PlanVersion }>;
  /** Lines that have accrued more than nothing. */
  accrued_lines: number;
}

export function newFoldState(calendar: Calendar): FoldState {
  return {
    calendar,
    balances: new Map(),
    cells: new Map(),
    pools: new Map(),
    measures: new Map(),
    measuresOf: new Map(),
    flats: { customer: new Set(), deal: new Set() },
    customers: new Map(),
    last_payments: new Map(),
    accrued_lines: 0,
  };
}

/** The pool of a cell: its line takes its place in it at its first accrual of more than nothing (fine-print 25). */
export function poolOf(state: FoldState, event: MoneyEvent, cell: Cell, target_minor: bigint): CapPool<Cell> | null {
  if (cell.pool || target_minor === 0n) return cell.pool;
  const { balance } = cell;
  if (balance.accrued_place < 0) {
    balance.accrued_place = state.accrued_lines++;
    balance.accrued_day = event.effective_day;
  }
  cell.pool = poolAt(state, cell);
  join(cell.pool, cell);
  return cell.pool;
}

/** Customers of a plan for life, or a plan's lines by the period of their first accrual; without a cap a line stands alone. */
function poolAt(state: FoldState, { version, earning, balance }: Cell): CapPool<Cell> {
  if (!version.cap) return newPool();
  const { per } = version.cap;
  const pools = state.pools.getOrInsertComputed(
    `${version.plan} ${per}`,
    () => new Map<number | string, CapPool<Cell>>(),
  );
  const scope = per === 'customer' ? customerOf(state, earning) : periodOf(state.calendar, balance.accrued_day, per);
  return pools.getOrInsertComputed(scope, () => newPool<Cell>());
}

function customerOf({ customers }: FoldState, { customer, deal }: Earning): number {
  customers.getOrInsert(customer, deal);
  return customer;
}

/** Whether the flat is still to be had; from now on it is not. */
export function takeFlat(state: FoldState, earning: Earning, once_per: FlatComponent['once_per']): boolean {
  const scope = once_per === 'customer' ? customerOf(state, earning) : earning.deal;
  const had = state.flats[once_per];
  return !had.has(scope) && !!had.add(scope);
}

/** The cell of a component on a line, made at its first event; from now on of the event's version. The line has a balance. */
export function cellOf(
  state: FoldState,
  { version, earning }: EventPart,
  line: number,
  component: PercentComponent | FlatComponent,
): Cell {
  const cells = state.cells.getOrInsertComputed(line, () => []);
  const known = cells.find((cell) => cell.component.name === component.name);
  if (known) {
    known.version = version;
    return known;
  }
  const cell: Cell = {
    line,
    component,
    version,
    earning,
    pool: null,
    balance: state.balances.get(line)!,
    earned: zero,
    added: zero,
    touched: 0,
    position: version.components.indexOf(component),
    cap_minor: version.cap?.amount_minor ?? null,
    target_minor: 0n,
    payable_minor: 0n,
    place: -1,
    used_minor: 0n,
  };
  cells.push(cell);
  return cell;
}

/** The measure of a component in the period that holds the event's day; versions of a plan share it (fine-print 24). */
export function measureOf(
  state: FoldState,
  plan: string,
  day: DayNumber,
  component: PercentComponent,
  { per }: TierTable,
): Measure<Cell> {
  const ofComponent = state.measuresOf.getOrInsertComputed(component, () =>
    state.measures.getOrInsertComputed(`${plan} ${component.name} ${per}`, () => new Map()),
  );
  return ofComponent.getOrInsertComputed(periodOf(state.calendar, day, per), () => newMeasure<Cell>());
}
