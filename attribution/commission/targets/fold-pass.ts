// Takes the event rows of `attribution.commission_event` through their partners' folds. One partner's events are in memory at a time.
import type { Config } from '../../../core/config.ts';
import type { DayNumber } from '../../../core/month.ts';
import { convert, type FxTable, rateDay } from '../../money/fx.ts';
import type { WarehousePort } from '../../ports.ts';
import type { TableWriter } from '../../table-writer.ts';
import type { Earnings, NumberedEarning } from '../earners/earner-step.ts';
import { type PlanBook, type PlanVersion, versionOn } from '../plans/plan.ts';
import { type commissionTables, entryTypeCodes } from '../tables.ts';
import type { FoldState } from './fold-state.ts';
import { CLOSE, type EventRow, EXPECTED, eachEventRow, effectOf } from './money-events.ts';
import { type EmitChange, type EventPart, type MoneyEvent, partnerFold } from './target.ts';
import { NotHeld } from './tiers.ts';

export interface FoldInput {
  readonly warehouse: WarehousePort;
  readonly config: Pick<Config, 'fx' | 'reporting'>;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
  readonly book: PlanBook;
  readonly versions: readonly PlanVersion[];
  readonly earnings: Earnings;
}

export interface FoldTerms extends FoldInput {
  /** Positions in `commission_product`. */
  readonly products: readonly string[];
  /** Positions in `billing_currency`. */
  readonly currencies: readonly string[];
  /** By party: the day from which its targets may be others than before. */
  readonly changed: ReadonlyMap<number, DayNumber>;
}

type Written = 'commission_change' | 'commission_rate_gap' | 'commission_expected';
/** Where a fold's results go. */
export type FoldWriters = {
  readonly [Name in Written]: Pick<TableWriter<(typeof commissionTables)[Name]>, 'write'>;
};

/** How the partners' folds of one pass begin and end. */
export interface FoldPass {
  readonly writers: FoldWriters;
  /** Where a party's fold stands before its first row; undefined where its rows are left out. */
  readonly stateOf: (party: number) => FoldState | undefined;
  /** All that happened is folded; what is expected comes after it. */
  readonly folded: (party: number, state: FoldState) => void;
  readonly ended?: () => void;
  /** A row needs what the state does not hold: the party's other rows are left out. Where everything is held, none can. */
  readonly notHeld?: (party: number) => void;
}

/** Gives the number of rows. */
export async function foldRows(terms: FoldTerms, pass: FoldPass): Promise<number> {
  let party = -1;
  let fold: PartyFold | undefined;
  let rows: EventRow[] = [];
  const attempt = (step: () => void) => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof NotHeld && pass.notHeld)) throw error;
      pass.notHeld(party);
      fold = undefined;
    }
  };
  const flush = () => {
    if (fold && rows.length) attempt(() => fold?.take(rows));
    rows = [];
  };
  const rowCount = await eachEventRow(terms.warehouse, (row) => {
    if (rows[0] && !isSameEvent(rows[0], row)) flush();
    if (row.party !== party) {
      fold?.end();
      party = row.party;
      fold = partyFold(terms, pass, party);
    }
    rows.push(row);
  });
  flush();
  fold?.end();
  return rowCount;
}

/** What a payment moved at one time, on all its invoices. */
function isSameEvent(left: EventRow, right: EventRow): boolean {
  return (
    left.party === right.party &&
    left.event === right.event &&
    left.kind === right.kind &&
    left.effective_day === right.effective_day &&
    left.acts_at === right.acts_at
  );
}

interface PartyFold {
  /** Takes the rows of one event. */
  readonly take: (rows: readonly EventRow[]) => void;
  readonly end: () => void;
}

function partyFold(terms: FoldTerms, pass: FoldPass, party: number): PartyFold | undefined {
  const state = pass.stateOf(party);
  if (!state) return undefined;
  const cause: { rows: readonly EventRow[] } = { rows: [] };
  const fold = partnerFold(state, changeWriter(terms, pass.writers, cause));
  let isFolded = false;
  const folded = () => {
    if (!isFolded) pass.folded(party, state);
    isFolded = true;
  };
  return {
    take: (rows) => {
      cause.rows = rows;
      if (rows[0]!.kind === EXPECTED) folded();
      fold(eventOf(terms, pass.writers, rows));
    },
    end: () => {
      folded();
      pass.ended?.();
    },
  };
}

function eventOf(terms: FoldTerms, writers: FoldWriters, rows: readonly EventRow[]): MoneyEvent {
  const { kind, effective_day } = rows[0]!;
  const effect = effectOf(kind);
  const parts: EventPart[] = [];
  const partOf = ({ earning, invoice, ...row }: EventRow) => {
    const known = parts.find((part) => part.invoice === invoice && part.earning.earning === earning);
    return known ?? parts[parts.push(newPart(terms, { earning, invoice, ...row })) - 1]!;
  };
  const moves = rows.map((row) => {
    const part = partOf(row);
    return {
      part,
      line: row.line,
      product: row.product < 0 ? null : terms.products[row.product]!,
      amount_minor: row.amount_minor,
      base_minor: effect === 'earn' ? baseOf(terms, writers, row, part) : null,
    };
  });
  return { effect, effective_day, moves };
}

function newPart({ earnings, book }: FoldTerms, row: EventRow): EventPart {
  const earning = earnings.at(row.earning);
  return { invoice: row.invoice, earning, version: versionFor(earning, row, book) };
}

/** The version locked at the close, or the one in force at the payment (fine-print 22). */
function versionFor({ version }: NumberedEarning, { kind, effective_day }: EventRow, book: PlanBook): PlanVersion {
  if (version.rate_locked_at === 'close' || kind === CLOSE) return version;
  return versionOn(book.get(version.plan)!, effective_day) ?? version;
}

/** A movement in the plan's currency at the policy date; null, and a row of the gaps, where no rate serves (fine-print 23). */
function baseOf(
  { config, as_of_day, fx, currencies }: FoldTerms,
  writers: FoldWriters,
  row: EventRow,
  { version, earning }: EventPart,
): bigint | null {
  const [from, to] = [currencies[row.currency]!, version.currency];
  if (from === to) return row.amount_minor;
  const day = rateDay(config.fx.rate_date, { event_day: row.own_day, close_day: earning.close_day, as_of_day });
  const found = fx.find(from, to, day);
  const base = found && convert(row.amount_minor, from, to, found.rate);
  if (base !== undefined) return base;
  if (row.kind !== EXPECTED)
    writers.commission_rate_gap.write({
      earning_index: row.earning,
      event_index: row.event,
      line_index: row.line,
      rate_day: day,
      amount_minor: row.amount_minor,
    });
  return null;
}

/** Hands each change that may be another than before to the tables, with the event at hand as its cause. */
function changeWriter(
  { versions, changed }: FoldTerms,
  writers: FoldWriters,
  cause: { readonly rows: readonly EventRow[] },
): EmitChange {
  return (cell, { moves }, type, amount_minor) => {
    const own = moves.findIndex(({ line }) => line === cell.line);
    const row = cause.rows[own] ?? cause.rows[0]!;
    const earning_index = cell.earning.earning;
    if (row.kind === EXPECTED) {
      writers.commission_expected.write({ earning_index, invoice_index: row.invoice, amount_minor });
      return;
    }
    if (row.effective_day < changed.get(row.party)!) return;
    writers.commission_change.write({
      earning_index,
      version_index: versions.indexOf(cell.version),
      component_index: cell.version.components.findIndex(({ name }) => name === cell.component.name),
      line_index: cell.line,
      event_index: row.event,
      event_kind: row.kind,
      entry_type: entryTypeCodes.indexOf(type),
      effective_day: row.effective_day,
      amount_minor,
      event_amount_minor: moves[own]?.amount_minor ?? 0n,
      event_currency: row.currency,
      event_base_minor: moves[own]?.base_minor ?? 0n,
    });
  };
}
