// Folds the events of every partner that changed and writes what they changed in its targets. One partner's events are in memory
// at a time.
import type { Config } from '../../core/config.ts';
import type { DayNumber } from '../../core/month.ts';
import { convert, type FxTable, rateDay } from '../money/fx.ts';
import type { WarehousePort } from '../ports.ts';
import { newCalendar } from './calendar.ts';
import { readChanged, type Stand } from './changed.ts';
import type { Earnings, NumberedEarning } from './earner-step.ts';
import { CLOSE, type EventRow, EXPECTED, eachEventRow, effectOf, writeEventRows } from './money-events.ts';
import { type PlanBook, type PlanVersion, versionOn } from './plan.ts';
import { type CommissionWriters, entryTypeCodes } from './tables.ts';
import { type EmitChange, type MoneyEvent, partnerFold } from './target.ts';

export interface TargetInput {
  readonly warehouse: WarehousePort;
  readonly stand: Stand;
  readonly config: Pick<Config, 'fx' | 'reporting'>;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
  readonly book: PlanBook;
  readonly versions: readonly PlanVersion[];
  readonly earnings: Earnings;
}

/** Gives the number of event rows and of changes. */
export async function foldEvents(
  input: TargetInput,
  writers: CommissionWriters,
): Promise<{ events: number; changes: number }> {
  const { warehouse, stand, config, earnings } = input;
  const products = await writeEventRows(warehouse, stand, input);
  const changed = await readChanged(warehouse);
  const baseOf = await baseConverter(input);
  const cause: { row: EventRow | undefined } = { row: undefined };
  const emit = changeWriter(input, writers, cause, changed);
  const calendar = newCalendar(config.reporting.fiscal_year_start_month);
  let party = -1;
  let fold: (event: MoneyEvent) => void = () => undefined;
  let pending: EventRow[] = [];

  const flush = () => {
    const first = pending[0];
    if (!first) return;
    const earning = earnings.at(first.earning);
    const version = versionFor(earning, first, input.book);
    const effect = effectOf(first.kind);
    const moves = pending.map((row) => ({
      line: row.line,
      product: row.product < 0 ? null : products[row.product]!,
      amount_minor: row.amount_minor,
      base_minor: effect === 'earn' ? baseOf(row, version.currency, earning.close_day, writers) : null,
    }));
    cause.row = first;
    fold({ effect, effective_day: first.effective_day, invoice: first.invoice, earning, version, moves });
    pending = [];
  };

  const events = await eachEventRow(warehouse, (row) => {
    if (pending[0] && !isSameEvent(pending[0], row)) flush();
    if (row.party !== party) {
      party = row.party;
      fold = partnerFold(calendar, emit);
    }
    pending.push(row);
  });
  flush();
  const changes = await writers.commission_change.close();
  await writers.commission_rate_gap.close();
  await writers.commission_expected.close();
  return { events, changes };
}

function isSameEvent(left: EventRow, right: EventRow): boolean {
  return left.earning === right.earning && left.event === right.event && left.kind === right.kind;
}

/** The version locked at the close, or the one in force at the payment (fine-print 22). */
function versionFor({ version }: NumberedEarning, { kind, effective_day }: EventRow, book: PlanBook): PlanVersion {
  if (version.rate_locked_at === 'close' || kind === CLOSE) return version;
  return versionOn(book.get(version.plan)!, effective_day) ?? version;
}

type BaseOf = (row: EventRow, to: string, close_day: DayNumber, writers: CommissionWriters) => bigint | null;

/** A movement in the plan's currency at the policy date; null, and a row of the gaps, where no rate serves (fine-print 23). */
async function baseConverter({ warehouse, config, as_of_day, fx }: TargetInput): Promise<BaseOf> {
  const currencies = await warehouse.rows<{ currency: string }>(
    'select currency from journeys.billing_currency order by currency_index',
  );
  return (row, to, close_day, writers) => {
    const from = currencies[row.currency]!.currency;
    if (from === to) return row.amount_minor;
    const day = rateDay(config.fx.rate_date, { event_day: row.own_day, close_day, as_of_day });
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
  };
}

/** Hands each change that may be another than before to the tables, with the event at hand as its cause. */
function changeWriter(
  { versions }: TargetInput,
  writers: CommissionWriters,
  cause: { readonly row: EventRow | undefined },
  changed: ReadonlyMap<number, DayNumber>,
): EmitChange {
  const versionIndex = new Map(versions.map((version, index) => [version, index]));
  return (cell, { moves }, type, amount_minor) => {
    const row = cause.row!;
    const earning_index = cell.earning.earning;
    if (row.kind === EXPECTED) {
      writers.commission_expected.write({ earning_index, invoice_index: row.invoice, amount_minor });
      return;
    }
    if (row.effective_day < changed.get(row.party)!) return;
    writers.commission_change.write({
      earning_index,
      version_index: versionIndex.get(cell.version)!,
      component_index: cell.version.components.findIndex(({ name }) => name === cell.component.name),
      line_index: cell.line,
      event_index: row.event,
      event_kind: row.kind,
      entry_type: entryTypeCodes.indexOf(type),
      effective_day: row.effective_day,
      amount_minor,
      event_amount_minor: moves.find(({ line }) => line === cell.line)?.amount_minor ?? 0n,
      event_currency: row.currency,
    });
  };
}
