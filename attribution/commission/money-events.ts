// The money events of every earning, partner by partner in the order in which they act (fine-print 21), as one numeric stream.
import type { DayNumber } from '../../core/month.ts';
import { bases, eventKinds } from '../money/types.ts';
import type { Batch, WarehousePort } from '../ports.ts';
import { countRows } from './inputs.ts';
import type { Effect } from './target.ts';

/** Kinds beside those of billing: a deal's close (trigger `booked`), and what an open invoice may still bring (contingent). */
export const CLOSE = eventKinds.length;
export const EXPECTED = eventKinds.length + 1;

/** One line (or booked deal) that one event moved, for one earning. */
export interface EventRow {
  readonly earning: number;
  readonly party: number;
  /** Index in `journeys.billing_event`; −1 − deal_index for a close. */
  readonly event: number;
  readonly kind: number;
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

export function effectOf(kind: number): Effect {
  if (kind === CLOSE || kind === EXPECTED) return 'earn';
  const name = eventKinds[kind];
  if (name === 'payment' || name === 'issue') return 'earn';
  return name === 'dispute_won' ? 'restore' : 'return';
}

const code = (kind: (typeof eventKinds)[number]) => eventKinds.indexOf(kind);
const basis = (name: (typeof bases)[number]) => bases.indexOf(name);

/**
 * Movements of lines, then closes, then what is still open on invoices; `effective` is the later of event and close.
 * A credit note dated before its invoice acts right after the issue that it lowers, as a return does after its payment (fine-print 20).
 */
const rowsQuery = (as_of_day: DayNumber) => `
  with issue as (
    select invoice_index, ${basis('invoiced')} as basis, effective_day, effective_us
    from journeys.billing_event
    where event_kind = ${code('issue')}
  ), moved as (
    select earning.earning_index, earning.party_index, movement.event_index, movement.event_kind as kind,
      movement.invoice_index, movement.line_index,
      greatest(movement.effective_day, deal.closed_day, issue.effective_day) as effective_day,
      event.own_day, movement.currency_index, movement.amount_minor,
      greatest(event.effective_us, deal.closed_us, issue.effective_us) as effective_us,
      case when movement.event_kind in (${code('issue')}, ${code('payment')}) then 0 else 1 end as act_order,
      event.own_us, event.event_id
    from attribution.commission_earning as earning
    inner join attribution.line_movement as movement
      on earning.deal_index = movement.deal_index and earning.basis = movement.basis
    inner join journeys.billing_event as event
      on movement.invoice_index = event.invoice_index and movement.event_index = event.event_index
    inner join journeys.deal as deal on earning.deal_index = deal.deal_index
    left join issue on movement.invoice_index = issue.invoice_index and movement.basis = issue.basis
    where movement.amount_minor <> 0
  ), closed as (
    select earning.earning_index, earning.party_index, -1 - deal.deal_index as event_index, ${CLOSE} as kind,
      -1 as invoice_index, -1 - deal.deal_index as line_index, deal.closed_day as effective_day, deal.closed_day as own_day,
      booked.currency_index, booked.amount_minor, deal.closed_us as effective_us, 0 as act_order, deal.closed_us as own_us,
      deal.deal_id as event_id
    from attribution.commission_earning as earning
    inner join journeys.billing_deal as booked on earning.deal_index = booked.deal_index and booked.basis = ${basis('booked')}
    inner join journeys.deal as deal on earning.deal_index = deal.deal_index
    where earning.basis = ${basis('booked')}
  ), open_line as (
    select movement.deal_index, movement.invoice_index, movement.line_index, movement.currency_index,
      sum(case movement.basis when ${basis('invoiced')} then movement.amount_minor else -movement.amount_minor end) as amount_minor
    from attribution.line_movement as movement
    inner join journeys.billing_invoice as invoice on movement.invoice_index = invoice.invoice_index
    where invoice.status = 'open' and movement.deal_index >= 0
    group by all
  ), expected as (
    select earning.earning_index, earning.party_index, open_line.invoice_index as event_index, ${EXPECTED} as kind,
      open_line.invoice_index, open_line.line_index, greatest(${as_of_day}, deal.closed_day) as effective_day,
      ${as_of_day} as own_day, open_line.currency_index, cast(open_line.amount_minor as bigint) as amount_minor,
      9223372036854775807 as effective_us, 2 as act_order, 0 as own_us, '' as event_id
    from attribution.commission_earning as earning
    inner join open_line on earning.deal_index = open_line.deal_index
    inner join journeys.deal as deal on earning.deal_index = deal.deal_index
    where earning.basis = ${basis('paid')} and open_line.amount_minor <> 0
  ), event_row as (
    select * from moved
    union all select * from closed
    union all select * from expected
  )
  select cast(event_row.earning_index as integer) as earning, cast(event_row.party_index as integer) as party,
    cast(event_row.event_index as integer) as event, cast(event_row.kind as integer) as kind,
    cast(event_row.invoice_index as integer) as invoice, cast(event_row.line_index as integer) as line,
    cast(coalesce(product.product_index, -1) as integer) as product, cast(event_row.effective_day as integer) as effective_day,
    cast(event_row.own_day as integer) as own_day, cast(event_row.currency_index as integer) as currency, event_row.amount_minor
  from event_row
  left join journeys.billing_line as line on event_row.line_index = line.line_index
  left join attribution.commission_product as product on line.product = product.product
  order by event_row.party_index, event_row.effective_us, event_row.act_order, event_row.own_us, event_row.event_id,
    event_row.invoice_index, event_row.line_index`;

/** Writes the ordered rows to `attribution.commission_event` and gives the products by their position. */
export async function writeEventRows(warehouse: WarehousePort, as_of_day: DayNumber): Promise<string[]> {
  await warehouse.run(`
    create or replace table attribution.commission_product as
    select cast(row_number() over (order by product) - 1 as integer) as product_index, product
    from (select distinct product from journeys.billing_line where product is not null)`);
  await warehouse.run(`create or replace table attribution.commission_event as ${rowsQuery(as_of_day)}`);
  const rows = await warehouse.rows<{ product: string }>(
    'select product from attribution.commission_product order by product_index',
  );
  return rows.map(({ product }) => product);
}

/** Reads the rows back in order. */
export async function eachEventRow(warehouse: WarehousePort, visit: (row: EventRow) => void): Promise<number> {
  const rowCount = await countRows(warehouse, 'attribution.commission_event');
  for await (const batch of warehouse.stream('select * from attribution.commission_event', rowCount))
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
    invoice: at(4),
    line: at(5),
    product: at(6),
    effective_day: at(7),
    own_day: at(8),
    currency: at(9),
    amount_minor: columns[10]![row] as bigint,
  };
}
