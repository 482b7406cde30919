// The tables around the money step: its streams in, its writers out. Nothing here decides a figure.
import type { Config } from '../../core/config.ts';
import type { WarehousePort } from '../ports.ts';
import { type Conversions, conversionsInto } from './conversions.ts';
import { type Cursor, openCursor } from './cursor.ts';
import { fxTable, type RateRow } from './fx.ts';
import { createTable, type TableWriter, tableWriter } from './table-writer.ts';
import { bases, type MoneyTable, moneyTables } from './types.ts';

export type Writers = { readonly [Name in MoneyTable]: TableWriter<(typeof moneyTables)[Name]> };
export type Streams = Readonly<Record<'deals' | 'invoices' | 'lines' | 'events' | 'credits', Cursor>>;

/** Where SQL has no deal or no close: later than every deal, earlier than every day. */
export const UNLINKED = 2 ** 31 - 1;
export const NO_DAY = -(2 ** 31);

/** One cursor a table, in the order of deals or invoices. */
export async function openStreams(warehouse: WarehousePort, methods: readonly string[]): Promise<Streams> {
  const open = async (table: string, columns: string) => {
    const [count] = await warehouse.rows<{ rows: number }>(`select cast(count(*) as integer) as rows from ${table}`);
    return openCursor(warehouse.stream(`select ${columns} from ${table}`, count!.rows));
  };
  return {
    deals: await open('journeys.billing_deal', 'deal_index, basis, event_day, currency_index, amount_minor'),
    invoices: await open(
      'journeys.billing_invoice',
      `case when deal_index < 0 then ${UNLINKED} else deal_index end, invoice_index, currency_index, close_day`,
    ),
    lines: await open('journeys.billing_line', 'invoice_index, line_index, net_minor, tax_minor'),
    events: await open(
      'journeys.billing_event',
      'invoice_index, event_index, event_kind, effective_day, payment_event_index, amount_minor',
    ),
    credits: await open('attribution.credit', ['deal_index', 'party_index', ...methods].join(', ')),
  };
}

/** The rates, ready to convert into the reporting currency. */
export async function readConversions(
  warehouse: WarehousePort,
  { fx, reporting }: Pick<Config, 'fx' | 'reporting'>,
): Promise<Conversions> {
  const rates = await warehouse.rows<RateRow>('select * from journeys.billing_rate');
  const currencies = await warehouse.rows<{ currency: string }>(
    'select currency from journeys.billing_currency order by currency_index',
  );
  const table = fxTable(rates, { reporting_currency: reporting.currency, max_age_days: fx.max_age_days });
  return conversionsInto(
    reporting.currency,
    currencies.map(({ currency }) => currency),
    table,
  );
}

/** Makes the money tables anew and opens a writer on each. */
export async function openWriters(warehouse: WarehousePort): Promise<Writers> {
  const writers: Record<string, unknown> = {};
  await warehouse.run('drop view if exists attribution.line_movement_named');
  for (const [table, shape] of Object.entries(moneyTables)) {
    await warehouse.run(createTable(`attribution.${table}`, shape));
    writers[table] = tableWriter(await warehouse.appender(`attribution.${table}`), shape);
  }
  return writers as Writers;
}

/** Writes the conversions that were used: the rate, its date and its provider of every `fx_index`. */
export async function writeConversions(
  warehouse: WarehousePort,
  conversions: Conversions,
  to_currency: string,
): Promise<void> {
  await warehouse.run(`create or replace table attribution.fx_conversion (
    fx_index integer not null, from_currency varchar not null, to_currency varchar not null, rate_date date,
    provider varchar not null, route varchar not null, rate_numerator varchar not null, rate_denominator varchar not null)`);
  const used = conversions.used();
  const appender = await warehouse.appender('attribution.fx_conversion');
  appender.append(
    [
      used.map(({ fx_index }) => fx_index),
      used.map(({ from_currency }) => from_currency),
      used.map(() => to_currency),
      used.map(({ route, rate_day }) => (route === 'same' ? null : rate_day)),
      used.map(({ provider }) => provider),
      used.map(({ route }) => route),
      used.map(({ rate }) => String(rate.numerator)),
      used.map(({ rate }) => String(rate.denominator)),
    ],
    used.length,
  );
  await appender.close();
}

/** The movements with ids, names and dates: what people, marts and lineage read. */
export async function writeNamedMovements(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(`
  create or replace view attribution.line_movement_named as
  select invoice.deal_id, invoice.account_id, invoice.customer_id, invoice.invoice_id, line.line_id, line.product,
    ${basisName('movement.basis')} as basis, event.kind as event_kind, event.stream as event_stream, event.event_id,
    event.effective_at, event.effective_date, invoice.currency, movement.amount_minor, movement.tax_minor,
    case when movement.fx_index >= 0 then movement.reporting_amount_minor end as reporting_amount_minor,
    movement.fx_index, movement.invoice_index, movement.line_index, movement.event_index
  from attribution.line_movement as movement
  inner join journeys.billing_invoice as invoice on movement.invoice_index = invoice.invoice_index
  inner join journeys.billing_line as line on movement.line_index = line.line_index
  inner join journeys.billing_event as event
    on movement.invoice_index = event.invoice_index and movement.event_index = event.event_index`);
}

function basisName(column: string): string {
  return `case ${column} ${bases.map((basis, code) => `when ${code} then '${basis}'`).join(' ')} end`;
}
