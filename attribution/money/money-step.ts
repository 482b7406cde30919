// The money step of the job: one merged walk over deals, their invoices and their weights, all in the order of deal_index.
// Writes schema `attribution`'s money tables (types.ts). Memory does not depend on the number of deals or events.
import type { Config } from '../../core/config.ts';
import { dayNumber, localDate } from '../../core/month.ts';
import type { ProgressLog, WarehousePort } from '../ports.ts';
import { type Addends, refuseTooMuch } from '../sums.ts';
import { type CellChange, eventKindOf, foldInvoice, type InvoiceLine } from './billing.ts';
import { type Conversions, NO_RATE } from './conversions.ts';
import { type CreditSums, creditSums, type DealParties } from './credit.ts';
import { type Cursor, takeKey } from './cursor.ts';
import { type ConvertedMoney, type MoneyTotals, moneyTotals } from './deal-money.ts';
import { rateDay } from './fx.ts';
import {
  type MoneyWriters,
  NO_DAY,
  openMoneyWriters,
  openStreams,
  readConversions,
  type Streams,
  UNLINKED,
  writeConversions,
  writeNamedMovements,
} from './money-tables.ts';
import { shareOut } from './split.ts';
import { bases } from './types.ts';

export interface MoneyInput {
  readonly warehouse: WarehousePort;
  readonly config: Pick<Config, 'attribution' | 'fx' | 'reporting'>;
  /** The business clock, microseconds since 1970. */
  readonly asOf: bigint;
  readonly log: ProgressLog;
}

/** What the walk carries along. */
type Walk = {
  readonly streams: Streams;
  readonly writers: MoneyWriters;
  readonly totals: MoneyTotals;
  readonly conversions: Conversions;
  readonly rateDayOf: (event_day: number, close_day: number) => number;
};

/** Writes every money table from schema `journeys` and `attribution.credit` (the weights, by deal_index). */
export async function runMoney({ warehouse, config, asOf, log }: MoneyInput): Promise<void> {
  const { methods } = config.attribution;
  const [{ deals = 0, parties = 0 } = {}] = await warehouse.rows<{ deals: number; parties: number }>(`
    select cast((select count(*) from journeys.deal) as integer) as deals,
      cast((select count(*) from journeys.party) as integer) as parties`);
  const writers = await openMoneyWriters(warehouse);
  const walk: Walk = {
    streams: await openStreams(warehouse, methods),
    writers,
    totals: moneyTotals(),
    conversions: await readConversions(warehouse, config),
    rateDayOf: rateDays(config, asOf),
  };
  const sums = creditSums(methods.length, parties);
  await walkDeals(walk, deals, sums, emptyParties(parties, methods.length));
  await walkUnlinked(walk);
  for (const row of sums.rows()) writers.attribution_monthly.write(row);
  const counts: Record<string, number> = {};
  for (const [table, writer] of Object.entries(writers)) counts[table] = await writer.close();
  await refuseTooMuch(warehouse, moneyAddends(config.reporting.currency));
  await writeConversions(warehouse, walk.conversions, config.reporting.currency);
  await writeNamedMovements(warehouse);
  log({ step: 'money', counts });
}

/** What moved, by basis: in its own currency, and as it was converted. */
function moneyAddends(reporting_currency: string): Addends[] {
  return bases.flatMap((basis, code) => {
    const table = basis === 'pipeline' || basis === 'booked' ? 'deal_money' : 'line_movement';
    const rows = (currency: string, amount: string) =>
      `select null as id, ${currency} as currency, ${amount} as amount_minor
       from attribution.${table} inner join journeys.billing_currency using (currency_index) where basis = ${code}`;
    return [
      { what: `${basis} amounts`, rows: rows('currency', 'amount_minor') },
      { what: `${basis} amounts, converted,`, rows: rows(`'${reporting_currency}'`, 'reporting_amount_minor') },
    ];
  });
}

async function walkDeals(walk: Walk, dealCount: number, sums: CreditSums, parties: DealParties): Promise<void> {
  const { streams, writers, totals } = walk;
  for (let deal_index = 0; deal_index < dealCount; deal_index++) {
    await takeKey(streams.deals, deal_index, (cursor) => addDealAmount(walk, cursor));
    while (streams.invoices.key === deal_index) await walkInvoice(walk);
    const money = totals.drain();
    for (const row of money) writers.deal_money.write({ deal_index, ...row });
    parties.count = 0;
    await takeKey(streams.credits, deal_index, (cursor) => addParty(parties, cursor));
    if (money.length) sums.addDeal(money, parties);
  }
}

async function walkUnlinked(walk: Walk): Promise<void> {
  const { streams, writers, totals } = walk;
  while (streams.invoices.key === UNLINKED) {
    const invoice_index = await walkInvoice(walk);
    for (const row of totals.drain()) writers.unlinked_money.write({ invoice_index, ...row });
  }
  const left = Object.entries(streams).find(([, { key }]) => key !== Number.POSITIVE_INFINITY);
  if (left) throw new Error(`money: the stream of ${left[0]} has rows of key ${left[1].key} that belong to nothing`);
}

/** A deal's open or won amount: one event of its own (fine-print 17). */
function addDealAmount(walk: Walk, { columns, row }: Cursor): void {
  const [deal_index, basis, day, currency_index] = columns.slice(0, 4).map((column) => Number(column[row]));
  const close_day = basis === bases.indexOf('booked') ? day! : NO_DAY;
  addEvent(walk, {
    deal_index: deal_index!,
    event_index: -1,
    basis: basis!,
    day: day!,
    close_day,
    currency_index: currency_index!,
    amount_minor: columns[4]![row] as bigint,
  });
}

/** Converts one event once, adds it to the totals, and lists it where no rate serves. */
function addEvent(
  { conversions, rateDayOf, totals, writers }: Walk,
  event: Pick<ConvertedMoney, 'basis' | 'day' | 'currency_index' | 'amount_minor'> & {
    readonly deal_index: number;
    readonly event_index: number;
    readonly close_day: number;
  },
): { reporting_amount_minor: bigint; fx_index: number } {
  const { deal_index, event_index, basis, day, close_day, currency_index, amount_minor } = event;
  const rate_day = rateDayOf(day, close_day);
  const found = conversions.find(currency_index, rate_day);
  const converted = conversions.apply(found, currency_index, amount_minor);
  const fx_index = converted === undefined ? NO_RATE : found;
  const reporting_amount_minor = converted ?? 0n; // fine-print 18: nothing unconverted is in a total
  totals.add({ basis, day, currency_index, amount_minor, reporting_amount_minor, fx_index });
  if (fx_index === NO_RATE && amount_minor !== 0n)
    writers.fx_gap.write({ deal_index, event_index, basis, rate_day, currency_index, amount_minor });
  return { reporting_amount_minor, fx_index };
}

/** One invoice as the streams hold it. */
type InvoiceRead = {
  readonly invoice_index: number;
  /** −1: unlinked. */
  readonly deal_index: number;
  readonly currency_index: number;
  readonly close_day: number;
  readonly lines: readonly (InvoiceLine & { readonly line_index: number })[];
  readonly events: readonly ReturnType<typeof readEvent>[];
};

/** Folds the invoice under the cursor, writes its movements, and moves on. Gives its invoice_index. */
async function walkInvoice(walk: Walk): Promise<number> {
  const invoice = await readInvoice(walk.streams);
  const { invoice_index, lines, events } = invoice;
  const { changes, overpaid_minor } = foldInvoice(lines, events);
  for (const change of changes) writeChange(walk, invoice, change);
  if (overpaid_minor > 0n) walk.writers.money_exception.write({ invoice_index, amount_minor: overpaid_minor });
  return invoice_index;
}

async function readInvoice({ invoices, lines, events }: Streams): Promise<InvoiceRead> {
  const [key, invoice_index, currency_index, close_day] = invoices.columns.map((column) =>
    Number(column[invoices.row]),
  ) as [number, number, number, number];
  const read = { lines: [] as InvoiceRead['lines'][number][], events: [] as InvoiceRead['events'][number][] };
  await takeKey(lines, invoice_index, (cursor) => read.lines.push(readLine(cursor)));
  await takeKey(events, invoice_index, (cursor) => read.events.push(readEvent(cursor)));
  const more = invoices.advance();
  if (more) await more;
  return { invoice_index, deal_index: key === UNLINKED ? -1 : key, currency_index, close_day, ...read };
}

/** Converts one event's change once and writes it line by line. */
function writeChange(walk: Walk, invoice: InvoiceRead, { event, basis: basisName, cells }: CellChange): void {
  const { invoice_index, deal_index, currency_index, close_day, lines } = invoice;
  const { event_index, event_kind, effective_day } = invoice.events[event]!;
  const basis = bases.indexOf(basisName);
  const nets = cells.filter((_, cell) => cell % 2 === 0);
  const { reporting_amount_minor, fx_index } = addEvent(walk, {
    deal_index,
    event_index,
    basis,
    day: effective_day,
    close_day,
    currency_index,
    amount_minor: nets.reduce((sum, net) => sum + net, 0n),
  });
  const reporting = shareOut(reporting_amount_minor, nets);
  for (const [line, amount_minor] of nets.entries()) {
    const tax_minor = cells[line * 2 + 1]!;
    if (amount_minor === 0n && tax_minor === 0n) continue;
    walk.writers.line_movement.write({
      invoice_index,
      line_index: lines[line]!.line_index,
      event_index,
      deal_index,
      basis,
      event_kind,
      effective_day,
      currency_index,
      amount_minor,
      tax_minor,
      reporting_amount_minor: reporting[line]!,
      fx_index,
    });
  }
}

function readLine({ columns, row }: Cursor) {
  return {
    line_index: columns[1]![row] as number,
    net_minor: columns[2]![row] as bigint,
    tax_minor: columns[3]![row] as bigint,
  };
}

function readEvent({ columns, row }: Cursor) {
  const [event_index, event_kind, effective_day, payment_event_index] = columns
    .slice(1, 5)
    .map((column) => Number(column[row])) as [number, number, number, number];
  const kind = eventKindOf(event_kind);
  const payment = kind === 'payment' ? event_index : payment_event_index;
  return { event_index, event_kind, effective_day, kind, payment, amount_minor: columns[5]![row] as bigint };
}

function addParty(parties: DealParties, { columns, row }: Cursor): void {
  const place = parties.count++;
  parties.party_index[place] = columns[1]![row] as number;
  for (let method = 0; method < parties.parts.length; method++)
    parties.parts[method]![place] = columns[method + 2]![row] as number;
}

function emptyParties(partyCount: number, methodCount: number): DealParties {
  const size = partyCount + 1;
  return {
    count: 0,
    party_index: new Int32Array(size),
    parts: Array.from({ length: methodCount }, () => new Int32Array(size)),
  };
}

function rateDays({ fx, reporting }: MoneyInput['config'], asOf: bigint): Walk['rateDayOf'] {
  const as_of_day = dayNumber(localDate(asOf, reporting.time_zone));
  return (event_day, close_day) =>
    rateDay(fx.rate_date, { event_day, close_day: close_day === NO_DAY ? undefined : close_day, as_of_day });
}
