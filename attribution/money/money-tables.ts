// The tables around the money step: its streams in, its writers out. Nothing here decides a figure.
import type { Config } from '../../core/config.ts';
import type { WarehousePort } from '../ports.ts';
import { countRows, nameOf } from '../sql.ts';
import { openWriters, type Writers, writeTable } from '../table-writer.ts';
import { type Conversions, conversionsInto } from './conversions.ts';
import { type Cursor, openCursor } from './cursor.ts';
import { type FxTable, fxTable, type RateRow } from './fx.ts';
import { bases, moneyTables } from './types.ts';

export type MoneyWriters = Writers<typeof moneyTables>;
export type Streams = Readonly<Record<'deals' | 'invoices' | 'lines' | 'events' | 'credits', Cursor>>;

/** Where SQL has no deal or no close: later than every deal, earlier than every day. */
export const UNLINKED = 2 ** 31 - 1;
export const NO_DAY = -(2 ** 31);

/** One cursor a table, in the order of deals or invoices. */
export async function openStreams(warehouse: WarehousePort, methods: readonly string[]): Promise<Streams> {
  const open = async (table: string, columns: string) => {
    const rowCount = await countRows(warehouse, table);
    return openCursor(warehouse.stream(`select ${columns} from ${table}`, rowCount));
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
  config: Pick<Config, 'fx' | 'reporting'>,
): Promise<Conversions> {
  const currencies = await readCurrencies(warehouse);
  return conversionsInto(config.reporting.currency, currencies, await readFx(warehouse, config));
}

/** Rates between any two currencies, none older than the configuration allows. */
export async function readFx(
  warehouse: WarehousePort,
  { fx, reporting }: Pick<Config, 'fx' | 'reporting'>,
): Promise<FxTable> {
  const rates = await warehouse.rows<RateRow>('select * from journeys.billing_rate');
  return fxTable(rates, { reporting_currency: reporting.currency, max_age_days: fx.max_age_days });
}

/** The currencies of billing by `currency_index`. */
export async function readCurrencies(warehouse: WarehousePort): Promise<string[]> {
  const currencies = await warehouse.rows<{ currency: string }>(
    'select currency from journeys.billing_currency order by currency_index',
  );
  return currencies.map(({ currency }) => currency);
}

/** Makes the money tables anew and opens a writer on each. */
export async function openMoneyWriters(warehouse: WarehousePort): Promise<MoneyWriters> {
  await warehouse.run('drop view if exists attribution.line_movement_named');
  return openWriters(warehouse, moneyTables);
}

/** Writes the conversions that were used: the rate, its date and its provider of every `fx_index`. */
export async function writeConversions(
  warehouse: WarehousePort,
  conversions: Conversions,
  to_currency: string,
): Promise<void> {
  await writeTable(
    warehouse,
    'attribution.fx_conversion',
    {
      fx_index: 'integer not null',
      from_currency: 'varchar not null',
      to_currency: 'varchar not null',
      rate_date: 'date',
      provider: 'varchar not null',
      route: 'varchar not null',
      rate_numerator: 'varchar not null',
      rate_denominator: 'varchar not null',
    },
    conversions.used().map(({ rate, rate_day, ...used }) => ({
      ...used,
      to_currency,
      rate_date: used.route === 'same' ? null : rate_day,
      rate_numerator: String(rate.numerator),
      rate_denominator: String(rate.denominator),
    })),
  );
}

/** The movements with ids, names and dates: what people, marts and lineage read. */
export async function writeNamedMovements(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(`
  create or replace view attribution.line_movement_named as
  select invoice.deal_id, invoice.account_id, invoice.customer_id, invoice.invoice_id, line.line_id, line.product,
    ${nameOf('movement.basis', bases)} as basis, event.kind as event_kind, event.stream as event_stream, event.event_id,
    event.effective_at, event.effective_date, invoice.currency, movement.amount_minor, movement.tax_minor,
    case when movement.fx_index >= 0 then movement.reporting_amount_minor end as reporting_amount_minor,
    movement.fx_index, movement.invoice_index, movement.line_index, movement.event_index
  from attribution.line_movement as movement
  inner join journeys.billing_invoice as invoice on movement.invoice_index = invoice.invoice_index
  inner join journeys.billing_line as line on movement.line_index = line.line_index
  inner join journeys.billing_event as event
    on movement.invoice_index = event.invoice_index and movement.event_index = event.event_index`);
}
