// Causes → targets: folds a partner's money events in order and says what each changed in what it should have earned
// (fine-print 21–28). Pure; one fold a partner. What was posted before, and what follows for the ledger, is ledger.ts.
import type { Rational } from '../../../core/money.ts';
import type { DayNumber } from '../../../core/month.ts';
import { fraction, plus, times } from '../fraction.ts';
import { endOf } from '../plans/calendar.ts';
import type { EarningRole, FlatComponent, PercentComponent, PlanVersion } from '../plans/plan.ts';
import { type CapPool, type Capped, retarget, settle } from './cap.ts';
import { cellOf, type FoldState, measureOf, poolOf, takeFlat } from './fold-state.ts';
import { type LineBalance, newBalance, partOfGross, returnCounts, takeRestore, takeReturn, targetOf } from './line.ts';
import { type Measure, priceNew, raiseEarlier, takeCliff, takeMarginal } from './tiers.ts';

/** A partner's part in one won deal that a plan pays for. */
export interface Earning {
  /** Tells earnings apart. */
  readonly earning: number;
  /** Tells deals apart. */
  readonly deal: number;
  /** The CRM account; tells customers apart. */
  readonly customer: number;
  readonly role: EarningRole;
  /** 1 for the sourcing partner; the pool's share ÷ the number of influencing partners for the others (fine-print 27). */
  readonly share: Rational;
  readonly close_day: DayNumber;
}

/** `earn`: payment, issue or close; `return`: refund, credit note, lost dispute; `restore`: won dispute. */
export type Effect = 'earn' | 'return' | 'restore';

/** Where an event moved money: on an invoice of a deal of the partner's, under the plan version that prices it. */
export interface EventPart {
  readonly invoice: number;
  readonly earning: Earning;
  readonly version: PlanVersion;
}

/** What an event moved on one line. */
export interface LineMove {
  readonly part: EventPart;
  /** Tells lines apart; a booked deal has one row without a line. */
  readonly line: number;
  readonly product: string | null;
  /** Net movement in minor units of the event's currency. */
  readonly amount_minor: bigint;
  /** The movement in the plan's currency at the policy date; null without a rate. Read for `earn` only. */
  readonly base_minor: bigint | null;
}

/** One money event; a partner's come in the order of fine-print 21. */
export interface MoneyEvent {
  readonly effect: Effect;
  /** Later of the event's and the close. */
  readonly effective_day: DayNumber;
  /** In the order of line ids, of all invoices that a payment was for. */
  readonly moves: readonly LineMove[];
}

export type EarningType = 'accrual' | 'clawback' | 'true_up';

/** What one component earned on one line. */
export interface Cell extends Capped {
  readonly line: number;
  readonly component: PercentComponent | FlatComponent;
  /** The version that priced the line last; one for life where the rate locks at the close. */
  version: PlanVersion;
  readonly earning: Earning;
  readonly balance: LineBalance;
  /** From its first accrual on. */
  pool: CapPool<Cell> | null;
  /** Σ slices, exact; a flat's amount. */
  earned: Rational;
  /** What the line added to the measures. */
  added: Rational;
  /** The number of the last event on its line. */
  touched: number;
}

/** One change of a target: an entry, with the event as its cause. */
export type EmitChange = (cell: Cell, event: MoneyEvent, type: EarningType, change_minor: bigint) => void;

/** What one event touched. */
interface Touched {
  /** The event's place among those of the partner, from 1. */
  readonly number: number;
  /** Cells of the event's own lines; each says that it is among them. */
  readonly own: Cell[];
  readonly measures: Measure<Cell>[];
}

/**
 * A fold over the events of one partner, from where `state` stands; each call hands the changes to `emit`. Throws NotHeld where an
 * event moves what the state does not hold any more.
 */
export function partnerFold(state: FoldState, emit: EmitChange): (event: MoneyEvent) => void {
  let number = 0;
  return (event) => {
    const touched: Touched = { number: ++number, own: [], measures: [] };
    for (const move of event.moves) {
      if (event.effect === 'earn') earn(state, event, move, touched);
      else takeBack(state, event, move, touched);
    }
    if (event.effect === 'earn')
      for (const { part } of event.moves)
        state.last_payments.set(part.invoice, { day: event.effective_day, version: part.version });
    settleOwn(state, event, touched, emit);
    settleRaised(state, event, touched, emit);
  };
}

function isPaidFor({ part, product }: LineMove): boolean {
  const { products } = part.version;
  return products === null || (product !== null && products.has(product));
}

/** A payment: raises gross, and adds slices where its version pays for the product, the component still earns and a rate is known. */
function earn(state: FoldState, event: MoneyEvent, move: LineMove, touched: Touched): void {
  const balance = state.balances.getOrInsertComputed(move.line, newBalance);
  balance.gross_minor += move.amount_minor;
  for (const cell of state.cells.get(move.line) ?? []) touch(touched, cell);
  if (!isPaidFor(move)) return;
  for (const component of move.part.version.components) {
    const cell =
      component.kind === 'flat'
        ? earnFlat(state, move, component)
        : earnPercent(state, event, move, component, touched);
    if (cell) touch(touched, cell);
  }
}

/** In full on the first line with a positive payment, once per partner and customer or deal over all plans (fine-print 27). */
function earnFlat(
  state: FoldState,
  { part, line, amount_minor }: LineMove,
  component: FlatComponent,
): Cell | undefined {
  if (amount_minor <= 0n || part.earning.role !== 'sourced') return undefined;
  if (!takeFlat(state, part.earning, component.once_per)) return undefined;
  const cell = cellOf(state, part, line, component);
  cell.earned = fraction(component.amount_minor);
  return cell;
}

function earnPercent(
  state: FoldState,
  { effective_day }: MoneyEvent,
  { part, line, base_minor }: LineMove,
  component: PercentComponent,
  touched: Touched,
): Cell | undefined {
  if (base_minor === null) return undefined;
  if (effective_day >= endOf(state.calendar, part.earning.close_day, component.months)) return undefined;
  const cell = cellOf(state, part, line, component);
  const amount = times(fraction(base_minor), part.earning.share);
  if (component.rate) {
    cell.earned = plus(cell.earned, times(amount, component.rate));
    return cell;
  }
  cell.added = plus(cell.added, amount);
  const tiers = component.tiers!;
  const measure = measureOf(state, part.version.plan, effective_day, component, tiers);
  touchMeasure(touched, measure);
  if (tiers.mode === 'cliff') takeCliff(measure, tiers, cell, amount);
  else cell.earned = plus(cell.earned, takeMarginal(measure, tiers, amount));
  return cell;
}

/** A return, or the end of one: moves what counts as returned, and the measure of the period it happens in. */
function takeBack(state: FoldState, event: MoneyEvent, move: LineMove, touched: Touched): void {
  const balance = state.balances.get(move.line);
  if (!balance) return;
  const { invoice, version } = move.part;
  const last = state.last_payments.get(invoice) ?? { day: event.effective_day, version };
  const counted =
    event.effect === 'restore'
      ? takeRestore(balance, move.amount_minor)
      : takeReturn(balance, move.amount_minor, returnCounts(event.effective_day, last.day, last.version.clawback_days));
  for (const cell of state.cells.get(move.line) ?? []) {
    touch(touched, cell);
    if (cell.component.kind !== 'percent' || !cell.component.tiers || counted === 0n) continue;
    const measure = measureOf(state, version.plan, event.effective_day, cell.component, cell.component.tiers);
    measure.total = plus(measure.total, times(partOfGross(balance, counted), cell.added));
    touchMeasure(touched, measure);
  }
}

function touch(touched: Touched, cell: Cell): void {
  if (cell.touched === touched.number) return;
  cell.touched = touched.number;
  touched.own.push(cell);
}

/** An event has one day, so that it touches no more measures than its plans have components. */
function touchMeasure({ measures }: Touched, measure: Measure<Cell>): void {
  if (!measures.includes(measure)) measures.push(measure);
}

/** The event's own lines at the rate reached; a cap may shift room between lines of its pool. */
function settleOwn(state: FoldState, event: MoneyEvent, touched: Touched, emit: EmitChange): void {
  for (const measure of touched.measures) priceNew(measure, addEarned);
  const ownType = event.effect === 'return' ? 'clawback' : 'accrual';
  settleCells(state, event, touched.own, (cell, change_minor) =>
    emit(cell, event, cell.touched === touched.number ? ownType : 'true_up', change_minor),
  );
}

/** Then the earlier slices of a cliff's period, on whatever line. */
function settleRaised(state: FoldState, event: MoneyEvent, { measures }: Touched, emit: EmitChange): void {
  const raised: Cell[] = [];
  for (const measure of measures)
    raiseEarlier(measure, (cell, earned) => {
      addEarned(cell, earned);
      raised.push(cell);
    });
  if (raised.length === 0) return;
  settleCells(state, event, new Set(raised), (cell, change_minor) => emit(cell, event, 'true_up', change_minor));
}

function addEarned(cell: Cell, earned: Rational): void {
  cell.earned = plus(cell.earned, earned);
}

/** New targets, then the caps; what comes through differently is a change. */
function settleCells(
  state: FoldState,
  event: MoneyEvent,
  moved: Iterable<Cell>,
  change: (cell: Cell, change_minor: bigint) => void,
): void {
  const pools: CapPool<Cell>[] = [];
  for (const cell of moved) {
    const target_minor = targetOf(cell.balance, cell.earned);
    const pool = poolOf(state, event, cell, target_minor);
    if (!pool) continue;
    if (pool.moved.length === 0) pools.push(pool);
    retarget(pool, cell, target_minor);
  }
  for (const pool of pools) settle(pool, (cell, before_minor) => change(cell, cell.payable_minor - before_minor));
}
