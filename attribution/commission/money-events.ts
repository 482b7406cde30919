// The money events of every earning, partner by partner in the order in which they act (fine-print 21), as one numeric stream.
import type { Config } from '../../core/config.ts';
import type { DayNumber } from '../../core/month.ts';
import { type FxTable, rateDay } from '../money/fx.ts';
import { bases, eventKinds } from '../money/types.ts';
import type { Batch, WarehousePort } from '../ports.ts';
import { joinFolded, type Stand, type Start, unitOf, writeChanged, writeUnits } from './changed.ts';
import { countRows } from './inputs.ts';
import type { PlanVersion } from './plan.ts';
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

/** What decides at which rates a day's amounts convert into the plans' currencies. */
export interface RateInput {
  readonly config: Pick<Config, 'fx'>;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
  readonly versions: readonly PlanVersion[];
}

/** The day that the policy starts from. */
const policyDay = ({ fx }: RateInput['config'], own_day: string, close_day: string) =>
  fx.rate_date === 'booking_date' ? close_day : own_day;

/** Whose events are asked for, and of which time. */
interface Part {
  /** Joins to `earning`. */
  readonly joined: string;
  /** The instant up to which a partner's events have been folded, microseconds since 1970. */
  readonly after_us: string;
  /** Of `event_row`. */
  readonly isWanted: string;
}

const everything: Part = { joined: '', after_us: 'cast(null as bigint)', isWanted: 'true' };

/** The events of partners that changed: what comes after what they go on from, or all of them. */
const partOf = (start: Start): Part => ({
  joined: `
    inner join attribution.commission_changed as changed
      on earning.party_index = changed.party_index and ${start === 'goes_on' ? 'changed.goes_on' : 'not changed.goes_on'}`,
  after_us: 'changed.last_us',
  isWanted: start === 'goes_on' ? 'event_row.effective_us > event_row.after_us' : 'true',
});

/**
 * Movements of lines, then closes, then what is still open on invoices; `effective` is the later of event and close.
 * A credit note dated before its invoice acts right after the issue that it lowers, as a return does after its payment (fine-print 20).
 * The digest covers all that the fold makes of a row, and its place among the others; no number in it moves with other records.
 */
const rowsQuery = ({ config, as_of_day }: RateInput, { joined, after_us, isWanted }: Part) => `
  with customer as (
    select account_index, min(deal_id) as customer_id
    from journeys.deal
    where is_won = 1 and account_index >= 0
    group by account_index
  ), earner as (
    select earning.earning_index, earning.party_index, earning.deal_index, earning.basis, deal.deal_id, deal.closed_day, deal.closed_us,
      hash(deal.deal_id, customer.customer_id, deal.closed_day, earning.role, earning.pool_size, earning.version_index) as digest,
      ${after_us} as after_us
    from attribution.commission_earning as earning
    inner join journeys.deal as deal on earning.deal_index = deal.deal_index
    left join customer on deal.account_index = customer.account_index
    ${joined}
  ), line as (
    select line.line_index, coalesce(product.product_index, -1) as product_index,
      hash(line.line_id, line.product, invoice.invoice_id, invoice.currency) as digest
    from journeys.billing_line as line
    inner join journeys.billing_invoice as invoice on line.invoice_index = invoice.invoice_index
    left join attribution.commission_product as product on line.product = product.product
  ), issue as (
    select invoice_index, ${basis('invoiced')} as basis, effective_day, effective_us
    from journeys.billing_event
    where event_kind = ${code('issue')}
      and (select bool_or(invoiced.basis = ${basis('invoiced')}) from attribution.commission_earning as invoiced)
  ), moved as (
    select earner.*, movement.event_index, movement.event_kind as kind, movement.invoice_index, movement.line_index,
      greatest(movement.effective_day, earner.closed_day, issue.effective_day) as effective_day,
      event.own_day, movement.currency_index, movement.amount_minor,
      greatest(event.effective_us, earner.closed_us, issue.effective_us) as effective_us,
      case when movement.event_kind in (${code('issue')}, ${code('payment')}) then 0 else 1 end as act_order,
      event.own_us, event.event_id, cast(null as varchar) as deal_currency
    from earner
    inner join attribution.line_movement as movement
      on earner.deal_index = movement.deal_index and earner.basis = movement.basis
    inner join journeys.billing_event as event
      on movement.invoice_index = event.invoice_index and movement.event_index = event.event_index
    left join issue on movement.invoice_index = issue.invoice_index and movement.basis = issue.basis
    where movement.amount_minor <> 0
  ), closed as (
    select earner.*, -1 - earner.deal_index as event_index, ${CLOSE} as kind,
      -1 as invoice_index, -1 - earner.deal_index as line_index, earner.closed_day as effective_day, earner.closed_day as own_day,
      booked.currency_index, booked.amount_minor, earner.closed_us as effective_us, 0 as act_order, earner.closed_us as own_us,
      earner.deal_id as event_id, currency.currency
    from earner
    inner join journeys.billing_deal as booked on earner.deal_index = booked.deal_index and booked.basis = ${basis('booked')}
    inner join journeys.billing_currency as currency on booked.currency_index = currency.currency_index
    where earner.basis = ${basis('booked')}
  ), open_line as (
    select movement.deal_index, movement.invoice_index, movement.line_index, movement.currency_index,
      sum(case movement.basis when ${basis('invoiced')} then movement.amount_minor else -movement.amount_minor end) as amount_minor
    from attribution.line_movement as movement
    inner join journeys.billing_invoice as invoice on movement.invoice_index = invoice.invoice_index
    where invoice.status = 'open' and movement.deal_index >= 0
    group by all
  ), expected as (
    select earner.*, open_line.invoice_index as event_index, ${EXPECTED} as kind,
      open_line.invoice_index, open_line.line_index, greatest(${as_of_day}, earner.closed_day) as effective_day,
      ${as_of_day} as own_day, open_line.currency_index, cast(open_line.amount_minor as bigint) as amount_minor,
      9223372036854775807 as effective_us, 2 as act_order, 0 as own_us, '' as event_id, null
    from earner
    inner join open_line on earner.deal_index = open_line.deal_index
    where earner.basis = ${basis('paid')} and open_line.amount_minor <> 0
  ), event_row as (
    select * from moved
    union all select * from closed
    union all select * from expected
  )
  select event_row.*, coalesce(line.product_index, -1) as product_index,
    ${unitOf('event_row.effective_day', `event_row.kind = ${EXPECTED}`)} as unit,
    hash(event_row.digest, event_row.kind, event_row.event_id, event_row.effective_us, event_row.effective_day, event_row.own_us,
      event_row.own_day, event_row.deal_currency, line.digest, event_row.amount_minor, rate.rates) as row_digest
  from event_row
  left join line on event_row.line_index = line.line_index
  left join attribution.commission_rate as rate
    on event_row.currency_index = rate.currency_index
    and ${policyDay(config, 'event_row.own_day', 'event_row.closed_day')} = rate.day
  where ${isWanted}`;

/** What the fold reads, in the order in which it acts. */
const orderedRows = (rows: string, more: string) => `
  select ${['earning', 'party', 'event', 'invoice', 'line', 'product', 'currency']
    .map((name) => `cast(event_row.${name}_index as integer) as ${name}`)
    .join(', ')},
    cast(event_row.kind as integer) as kind, cast(event_row.effective_day as integer) as effective_day, cast(event_row.own_day as integer) as own_day,
    event_row.amount_minor${more}
  from (${rows}) as event_row
  order by event_row.party_index, event_row.effective_us, event_row.act_order, event_row.own_us, event_row.event_id, event_row.invoice_index, event_row.line_index`;

const writeRows = (warehouse: WarehousePort, rows: string) =>
  warehouse.run(`create or replace table attribution.commission_event as ${rows}`);

/**
 * Writes who changed (changed.ts). Where nothing stands, everybody did: their rows are in `attribution.commission_event` then, so
 * that the digests need no pass of their own.
 */
export async function writeWhoChanged(warehouse: WarehousePort, stand: Stand, input: RateInput): Promise<void> {
  await warehouse.run(`
    create or replace table attribution.commission_product as
    select cast(row_number() over (order by product) - 1 as integer) as product_index, product
    from (select distinct product from journeys.billing_line where product is not null)`);
  await writeRates(warehouse, input);
  if (stand) {
    const part = { ...everything, joined: joinFolded, after_us: 'folded.last_us' };
    await writeUnits(warehouse, `(${rowsQuery(input, part)})`);
  } else {
    const more = ['party_index', 'unit', 'row_digest', 'effective_us', 'after_us'];
    await writeRows(
      warehouse,
      orderedRows(rowsQuery(input, everything), more.map((name) => `, event_row.${name}`).join('')),
    );
    await writeUnits(warehouse, 'attribution.commission_event');
  }
  await writeChanged(warehouse, stand);
}

/** Writes the rows of one part of the partners that changed to `attribution.commission_event`, in order. */
export async function writeEventRows(warehouse: WarehousePort, input: RateInput, start: Start): Promise<void> {
  await writeRows(warehouse, orderedRows(rowsQuery(input, partOf(start)), ''));
}

/**
 * Parties of which something cannot go on: a line has money of before beside what is new, or a day was folded that is not over.
 * Expected money takes the lines of its invoice.
 */
export async function readHeldUp(warehouse: WarehousePort): Promise<number[]> {
  const rows = await warehouse.rows<{ party: number }>(`
    with later as (
      select party, earning, invoice, count(*) filter (kind <> ${EXPECTED}) as row_count
      from attribution.commission_event
      where invoice >= 0
      group by all
    ), known as (
      select movement.deal_index, movement.invoice_index, movement.basis, count(*) as row_count
      from attribution.line_movement as movement
      where movement.amount_minor <> 0 and movement.invoice_index in (select later.invoice from later)
      group by all
    )
    select later.party
    from later
    inner join attribution.commission_earning as earning on later.earning = earning.earning_index
    inner join known
      on later.invoice = known.invoice_index and earning.deal_index = known.deal_index and earning.basis = known.basis
    where known.row_count > later.row_count
    union
    select event_row.party
    from attribution.commission_event as event_row
    inner join attribution.commission_changed as changed on event_row.party = changed.party_index
    where event_row.kind <> ${EXPECTED} and event_row.effective_day <= changed.last_day`);
  return rows.map(({ party }) => party);
}

/** The products by their position. */
export async function readProducts(warehouse: WarehousePort): Promise<string[]> {
  const products = await warehouse.rows<{ product: string }>(
    'select product from attribution.commission_product order by product_index',
  );
  return products.map(({ product }) => product);
}

/** `attribution.commission_rate`: for each currency that is not every plan's, the rates of a day into theirs, as one text. */
async function writeRates(warehouse: WarehousePort, { config, as_of_day, fx, versions }: RateInput): Promise<void> {
  await warehouse.run(
    'create or replace table attribution.commission_rate (currency_index integer, day integer, rates varchar)',
  );
  const currencies = await warehouse.rows<{ currency_index: number; currency: string }>(
    'select currency_index, currency from journeys.billing_currency',
  );
  const plans = [...new Set(versions.map(({ currency }) => currency))];
  const foreign = currencies.filter(({ currency }) => plans.some((plan) => plan !== currency));
  if (foreign.length === 0) return;
  const days = await warehouse.rows<{ day: number }>(`
    select own_day as day from journeys.billing_event
    union select closed_day from journeys.deal where is_won = 1
    union select ${as_of_day}`);
  const rates = foreign.flatMap(({ currency_index, currency }) =>
    days.map(({ day }) => {
      const rate_day = rateDay(config.fx.rate_date, { event_day: day, close_day: day, as_of_day });
      const found = plans.map((plan) => fx.find(currency, plan, rate_day)?.rate);
      const texts = found.map((rate) => (rate ? `${rate.numerator}/${rate.denominator}` : 'none'));
      return { currency_index, day, rates: [rate_day, ...texts].join(' ') };
    }),
  );
  const appender = await warehouse.appender('attribution.commission_rate');
  appender.append(
    [rates.map((rate) => rate.currency_index), rates.map(({ day }) => day), rates.map((rate) => rate.rates)],
    rates.length,
  );
  await appender.close();
}

const columns = [
  'earning',
  'party',
  'event',
  'kind',
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
    invoice: at(4),
    line: at(5),
    product: at(6),
    effective_day: at(7),
    own_day: at(8),
    currency: at(9),
    amount_minor: columns[10]![row] as bigint,
  };
}
