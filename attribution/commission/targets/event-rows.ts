// SQL of the money events of every earning, and the tables that are made of it: who changed, and what the folds read.
import { DAY_US } from '../../columns.ts';
import { bases, eventKinds } from '../../money/types.ts';
import type { WarehousePort } from '../../ports.ts';
import { countRows } from '../../sql.ts';
import { joinFolded, type Stand, type Start, unitOf, writeChanged, writeUnits } from '../changed.ts';
import { writeRates } from './event-rates.ts';
import { CLOSE, EXPECTED, type RateInput } from './money-events.ts';

const code = (kind: (typeof eventKinds)[number]) => eventKinds.indexOf(kind);
const basis = (name: (typeof bases)[number]) => bases.indexOf(name);

/** Whose events are asked for, and of which time. */
interface Part {
  /** Joins to `earning`. */
  readonly joined: string;
  /** The instant up to which a partner's events have been folded, microseconds since 1970. */
  readonly after_us: string;
  /** Of movements, before anything else is known of them, and of rows. */
  readonly isNear: string;
  readonly isWanted: string;
}

const everything: Part = { joined: '', after_us: 'cast(null as bigint)', isNear: 'true', isWanted: 'true' };

/** The day of a later instant may be an earlier one, where a clock is put back; and days are local, instants are not. */
const SLACK_DAYS = 2;

/** The events of partners that changed: what comes after what they go on from, or all of them. */
const parts: Readonly<Record<Start, Part>> = {
  goes_on: {
    joined: `
    inner join attribution.commission_changed as changed on earning.party_index = changed.party_index and changed.goes_on`,
    after_us: 'changed.last_us',
    isNear: `(earner.basis = ${basis('invoiced')}
      or greatest(movement.effective_day, earner.closed_day) >= earner.after_us // ${DAY_US} - ${SLACK_DAYS})`,
    isWanted: 'effective_us > after_us',
  },
  begins: {
    ...everything,
    joined: `
    inner join attribution.commission_changed as changed
      on earning.party_index = changed.party_index and not changed.goes_on`,
  },
};

/**
 * Movements of lines, then closes, then what is still open on invoices; `effective` is the later of event and close.
 * A credit note dated before its invoice acts right after the issue that it lowers, as a return does after its payment (fine-print 20).
 */
const eventRows = (
  { as_of_day, versions }: RateInput,
  { joined, after_us, isNear, isWanted }: Part,
  elsewhere: string,
) => `
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
  ), issue as (
    select invoice_index, ${basis('invoiced')} as basis, effective_day, effective_us
    from journeys.billing_event
    where event_kind = ${code('issue')} and ${isInvoicedUsed(versions)}
  ), moved as (
    select earner.*, event.first_event_index as event_index, movement.event_kind as kind, movement.invoice_index, movement.line_index,
      greatest(movement.effective_day, earner.closed_day, issue.effective_day) as effective_day,
      event.own_day, movement.currency_index, movement.amount_minor,
      greatest(event.effective_us, earner.closed_us, issue.effective_us) as effective_us,
      case when movement.event_kind in (${code('issue')}, ${code('payment')}) then 0 else 1 end as act_order,
      event.own_us, event.event_id, if(earner.closed_us > event.effective_us, earner.closed_us % ${DAY_US} // 1000, -1) as acts_at,
      cast(null as varchar) as deal_currency
    from earner
    inner join attribution.line_movement as movement
      on earner.deal_index = movement.deal_index and earner.basis = movement.basis
    inner join journeys.billing_event as event
      on movement.event_index = event.event_index
    left join issue on movement.invoice_index = issue.invoice_index and movement.basis = issue.basis
    where movement.amount_minor <> 0 and movement.basis in (${usedBases(versions)}) and ${isNear}
      and (event.event_kind <> ${code('issue')} or ${isInvoicedUsed(versions)})
  ), closed as (
    select earner.*, -1 - earner.deal_index as event_index, ${CLOSE} as kind,
      -1 as invoice_index, -1 - earner.deal_index as line_index, earner.closed_day as effective_day, earner.closed_day as own_day,
      booked.currency_index, booked.amount_minor, earner.closed_us as effective_us, 0 as act_order, earner.closed_us as own_us,
      earner.deal_id as event_id, -1 as acts_at, currency.currency
    from earner
    inner join journeys.billing_deal as booked on earner.deal_index = booked.deal_index and booked.basis = ${basis('booked')}
    inner join journeys.billing_currency as currency on booked.currency_index = currency.currency_index
    where earner.basis = ${basis('booked')}
  ), open_line as (
    select movement.deal_index, movement.invoice_index, movement.line_index, movement.currency_index,
      sum(${owed('movement.amount_minor')}) as amount_minor
    from attribution.line_movement as movement
    inner join journeys.billing_invoice as invoice on movement.invoice_index = invoice.invoice_index
    where invoice.status = 'open' and movement.deal_index >= 0
    group by movement.deal_index, movement.invoice_index, movement.line_index, movement.currency_index
    qualify sum(sum(${owed('movement.amount_minor + movement.tax_minor')})) over (partition by movement.invoice_index) <> 0
  ), expected as (
    select earner.*, open_line.invoice_index as event_index, ${EXPECTED} as kind,
      open_line.invoice_index, open_line.line_index, greatest(${as_of_day}, earner.closed_day) as effective_day,
      ${as_of_day} as own_day, open_line.currency_index, cast(open_line.amount_minor as bigint) as amount_minor,
      9223372036854775807 as effective_us, 2 as act_order, 0 as own_us, '' as event_id, -1 as acts_at, null
    from earner
    inner join open_line on earner.deal_index = open_line.deal_index
    where earner.basis = ${basis('paid')} and open_line.amount_minor <> 0
  ), event_row as (
    select * from moved
    union all select * from closed
    union all select * from expected
  )
  select *, ${unitOf('effective_day', `kind = ${EXPECTED}`)} as unit
  from event_row
  ${elsewhere}
  where ${isWanted}`;

/** SQL of what of an amount is invoiced and not paid. Of an invoice that was credited, lines may be a unit apart though nothing is open. */
const owed = (amount: string) => `case movement.basis when ${basis('invoiced')} then ${amount} else -(${amount}) end`;

/** SQL that leaves out money of merged deals that is of another earning. Mostly there is none: every row would be looked up for nothing. */
async function leaveOut(warehouse: WarehousePort): Promise<string> {
  const count = await countRows(warehouse, 'attribution.commission_elsewhere');
  return count > 0
    ? 'anti join attribution.commission_elsewhere as elsewhere using (earning_index, invoice_index)'
    : '';
}

const isInvoicedUsed = (versions: RateInput['versions']) => versions.some(({ trigger }) => trigger === 'invoiced');

/** Numbers of the bases that plans pay by; none: no plan pays. */
const usedBases = (versions: RateInput['versions']) =>
  [-1, ...new Set(versions.map(({ trigger }) => basis(trigger)))].join(', ');

/** The digest covers all that the fold makes of a row, and its place among the others; no number in it moves with other records. */
const digestedRows = (rows: string, { config }: RateInput) => `
  with line as (
    select line.line_index, hash(line.line_id, line.product, invoice.invoice_id, invoice.currency) as digest
    from journeys.billing_line as line
    inner join journeys.billing_invoice as invoice on line.invoice_index = invoice.invoice_index
  )
  select event_row.* exclude (own_digest), hash(event_row.own_digest, line.digest, rate.rates) as row_digest
  from (
    select *, hash(digest, kind, event_id, effective_us, effective_day, own_us, own_day, deal_currency, amount_minor) as own_digest
    from (${rows})
  ) as event_row
  left join line on event_row.line_index = line.line_index
  left join attribution.commission_rate as rate
    on event_row.currency_index = rate.currency_index
    and event_row.${config.fx.rate_date === 'booking_date' ? 'closed_day' : 'own_day'} = rate.day`;

/** Writes what the fold reads, in the order in which it acts. */
async function writeRows(warehouse: WarehousePort, rows: string, more: readonly string[] = []): Promise<void> {
  const indexes = ['earning', 'party', 'event', 'invoice', 'line', 'currency'].map((name) => [`${name}_index`, name]);
  const integers = [...indexes, ...['kind', 'acts_at', 'effective_day', 'own_day'].map((name) => [name, name])];
  await warehouse.run(`
    create or replace table attribution.commission_event as
    select ${integers.map(([column, name]) => `cast(event_row.${column} as integer) as ${name}`).join(', ')},
      cast(coalesce(product.product_index, -1) as integer) as product, event_row.amount_minor
      ${more.map((column) => `, event_row.${column}`).join('')}
    from (${rows}) as event_row
    left join journeys.billing_line as line on event_row.line_index = line.line_index
    left join attribution.commission_product as product on line.product = product.product
    order by event_row.party_index, event_row.effective_us, event_row.act_order, event_row.own_us, event_row.event_id,
      ${(await hasSpread(warehouse)) ? `${inExpectedOrder}, line.line_id` : 'event_row.invoice_index, event_row.line_index'}`);
}

/** Whether an event moved several invoices: only then do lines of one event come from several of them. */
async function hasSpread(warehouse: WarehousePort): Promise<boolean> {
  const rows = await warehouse.rows(
    'select 1 from journeys.billing_event where event_index <> first_event_index limit 1',
  );
  return rows.length > 0;
}

/** What is expected has no event: it comes invoice by invoice. */
const inExpectedOrder = `if(event_row.kind = ${EXPECTED}, event_row.invoice_index, -1)`;

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
  const elsewhere = await leaveOut(warehouse);
  if (stand) {
    const part = { ...everything, joined: joinFolded, after_us: 'folded.last_us' };
    await writeUnits(warehouse, `(${digestedRows(eventRows(input, part, elsewhere), input)})`);
  } else {
    const rows = digestedRows(eventRows(input, everything, elsewhere), input);
    await writeRows(warehouse, rows, ['party_index', 'unit', 'row_digest', 'effective_us', 'after_us']);
    await writeUnits(warehouse, 'attribution.commission_event');
  }
  await writeChanged(warehouse, stand);
}

/** Writes the rows of one part of the partners that changed to `attribution.commission_event`, in order. */
export async function writeEventRows(warehouse: WarehousePort, input: RateInput, start: Start): Promise<void> {
  await writeRows(warehouse, eventRows(input, parts[start], await leaveOut(warehouse)));
}

/**
 * Parties of which something cannot go on: a line has money of before beside what is new, a day was folded that is not over,
 * or a row is missing. Expected money takes the lines of its invoice.
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
    group by event_row.party, changed.last_day, changed.later_rows
    having count(*) <> changed.later_rows
      or min(event_row.effective_day) filter (event_row.kind <> ${EXPECTED}) <= changed.last_day`);
  return rows.map(({ party }) => party);
}

/** The products by their position. */
export async function readProducts(warehouse: WarehousePort): Promise<string[]> {
  const products = await warehouse.rows<{ product: string }>(
    'select product from attribution.commission_product order by product_index',
  );
  return products.map(({ product }) => product);
}
