// A money event of an earning, as the fold reads it: one numeric stream, partner by partner, in the order of fine-print 21.
import type { Config } from '../../../core/config.ts';
import type { DayNumber } from '../../../core/month.ts';
import type { FxTable } from '../../money/fx.ts';
import { eventKinds } from '../../money/types.ts';
import type { Batch, WarehousePort } from '../../ports.ts';
import { countRows } from '../../sql.ts';
import type { PlanVersion } from '../plans/plan.ts';
import type { Effect } from './target.ts';

/** Kinds beside those of billing: a deal's close (trigger `booked`), and what an open invoice may still bring (contingent). */
export const CLOSE = eventKinds.length;
export const EXPECTED = eventKinds.length + 1;

/** One line (or booked deal) that one event moved, for one earning. */
export interface EventRow {
  readonly earning: number;
  readonly party: number;
  /** Index in `journeys.billing_event`, of a payment over several invoices its first; −1 − deal_index for a close. */
  readonly event: number;
  readonly kind: number;
  /** Milliseconds into the day of the close at which it acts; −1 where it acts when it happened. */
  readonly acts_at: number;
  readonly invoice: number;
  /** Index in `journeys.billing_line`; −1 − deal_index for a booked deal. */
  readonly line: number;
  /** Position among the products; −1 without one. */
  readonly product: number;
  readonly effective_day: DayNumber;
  readonly own_day: DayNumber;
  readonly currency: number;
  readonly amount_minor: bigint;
}

/** What an event of a kind (a position in `eventKinds`, CLOSE or EXPECTED) does to what was earned (fine-print 20, 23). */
export function effectOf(kind: number): Effect {
  if (kind === CLOSE || kind === EXPECTED) return 'earn';
  const name = eventKinds[kind];
  if (name === 'payment' || name === 'issue') return 'earn';
  return name === 'dispute_won' ? 'restore' : 'return';
}

/** What decides at which rates a day's amounts convert into the plans' currencies. */
export interface RateInput {
  readonly config: Pick<Config, 'fx'>;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
  readonly versions: readonly PlanVersion[];
}

const columns = [
  'earning',
  'party',
  'event',
  'kind',
  'acts_at',
  'invoice',
  'line',
  'product',
  'effective_day',
  'own_day',
  'currency',
  'amount_minor',
] as const;

/** Reads the rows back in order. */
export async function eachEventRow(warehouse: WarehousePort, visit: (row: EventRow) => void): Promise<number> {
  const rowCount = await countRows(warehouse, 'attribution.commission_event');
  for await (const batch of warehouse.stream(
    `select ${columns.join(', ')} from attribution.commission_event`,
    rowCount,
  ))
    for (let row = 0; row < batch.rowCount; row++) visit(eventRow(batch, row));
  return rowCount;
}

function eventRow({ columns }: Batch, row: number): EventRow {
  const at = (column: number) => columns[column]![row] as number;
  return {
    earning: at(0),
    party: at(1),
    event: at(2),
    kind: at(3),
    acts_at: at(4),
    invoice: at(5),
    line: at(6),
    product: at(7),
    effective_day: at(8),
    own_day: at(9),
    currency: at(10),
    amount_minor: columns[11]![row] as bigint,
  };
}
