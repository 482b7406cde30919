// A small company in a real warehouse: deals, invoices and money events written down in words, put into the tables that dbt
// would have made, then taken through the money step and the commission step with real books.
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postCommissions } from '../../../attribution/commission/post.ts';
import { runMoney } from '../../../attribution/money/money-step.ts';
import { type EventKind, eventKinds } from '../../../attribution/money/types.ts';
import type { Config } from '../../../core/config.ts';
import { dayNumber } from '../../../core/month.ts';
import { plan } from '../../../core/programme.ts';
import { type Books, openBooks } from '../../../pipeline/books.ts';
import { openWarehouse, type Warehouse } from '../../../pipeline/warehouse.ts';

export interface CompanyDeal {
  readonly account?: string;
  readonly closed: string;
  readonly won?: boolean;
  readonly amount?: bigint;
  readonly currency?: string;
  readonly sourced?: string;
  readonly reseller?: string;
  readonly influenced?: readonly string[];
}

export interface CompanyInvoice {
  readonly deal: string;
  readonly currency?: string;
  readonly issued: string;
  readonly status?: string;
  /** Net amounts by line id. */
  readonly lines: Readonly<Record<string, bigint>>;
  /** By line id; `core` where none is named. */
  readonly products?: Readonly<Record<string, string>>;
}

/** `2026-02-01 payment PY-1 I-1 1000`; a return may end with the payment it is of. */
export type CompanyEvent = string;

export interface Company {
  readonly as_of?: string;
  /** The program that posts; default: always the same. */
  readonly code_digest?: string;
  readonly plans: readonly Record<string, unknown>[];
  readonly partners: Readonly<Record<string, { readonly motion?: string; readonly ended?: string }>>;
  readonly default_plan?: string;
  readonly agreements?: readonly string[];
  readonly deals: Readonly<Record<string, CompanyDeal>>;
  /** Merged deals and the ones that they live on in. */
  readonly merged?: Readonly<Record<string, string>>;
  readonly invoices: Readonly<Record<string, CompanyInvoice>>;
  readonly events: readonly CompanyEvent[];
  /** `2026-02-01 EUR USD 1.20`. */
  readonly rates?: readonly string[];
  /** `2026-03-01 PO-1 P-1 500 USD`, with a statement id where it names one. */
  readonly payouts?: readonly string[];
}

export interface Desk {
  readonly directory: string;
  readonly warehouse: Warehouse;
  readonly books: Books;
  /** Writes the company's records anew and runs the steps; gives the number of entries posted. */
  run(company: Company): Promise<number>;
  /** The clock of decisions. */
  decideAt(date: string): void;
  close(): void;
}

/** An empty warehouse, and books: empty ones, or a copy of another desk's as they are now. */
export async function openDesk(other?: Desk): Promise<Desk> {
  const directory = mkdtempSync(join(tmpdir(), 'sourced-commission-'));
  if (other)
    for (const file of readdirSync(other.directory)) copyFileSync(join(other.directory, file), join(directory, file));
  const warehouse = await openWarehouse(':memory:', { threads: 1 });
  let now = Temporal.Instant.from('2026-01-01T12:00:00Z');
  const books = openBooks(join(directory, 'books.sqlite'), { now: () => now });
  return {
    directory,
    warehouse,
    books,
    decideAt(date) {
      now = Temporal.Instant.from(`${date}T12:00:00Z`);
    },
    async run(company) {
      await writeRecords(warehouse, company);
      return runSteps(warehouse, books, company);
    },
    close() {
      books.close();
      warehouse.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function runSteps(warehouse: Warehouse, books: Books, company: Company): Promise<number> {
  const config = {
    reporting: { currency: 'USD', time_zone: 'UTC', fiscal_year_start_month: 1 },
    fx: { rate_date: 'payment_date', max_age_days: 7 },
    attribution: { methods: ['linear'] },
    contract_cost: { benefit_months: 36, practical_expedient: true },
    motions: { referral: { default_plan: company.default_plan, margin: false }, reseller: { margin: true } },
    plans: company.plans.map((one) => plan.parse(one)),
  } as unknown as Config;
  const asOf = Temporal.Instant.from(`${company.as_of ?? '2026-12-31'}T12:00:00Z`).epochNanoseconds / 1000n;
  let posted = 0;
  const input = {
    warehouse,
    books,
    config,
    code_digest: company.code_digest ?? 'one',
    asOf,
    log: ({ counts }: { counts: Readonly<Record<string, number>> }) => {
      posted = counts.entries_posted ?? posted;
    },
  };
  await runMoney(input);
  await postCommissions(input);
  return posted;
}

const text = (value: string | null | undefined) => (value == null ? 'null' : `'${value}'`);
const micros = (date: string, order = 0) => BigInt(dayNumber(date)) * 86_400_000_000n + BigInt(order);

async function fill(warehouse: Warehouse, table: string, columns: string, rows: readonly string[]): Promise<void> {
  await warehouse.run(`create or replace table ${table} (${columns})`);
  if (rows.length) await warehouse.run(`insert into ${table} values ${rows.map((row) => `(${row})`).join(', ')}`);
}

async function writeRecords(warehouse: Warehouse, company: Company): Promise<void> {
  await warehouse.run(
    'create schema if not exists core; create schema if not exists journeys; create schema if not exists attribution',
  );
  const partners = Object.keys(company.partners).sort();
  const deals = Object.keys(company.deals).sort();
  await writeProgramme(warehouse, company, partners, deals);
  await writeBilling(warehouse, company, deals);
}

async function writeProgramme(
  warehouse: Warehouse,
  company: Company,
  partners: string[],
  deals: string[],
): Promise<void> {
  const partnerOf = (name: string | undefined) => (name === undefined ? -1 : partners.indexOf(name));
  const accounts = [...new Set(deals.map((deal) => company.deals[deal]!.account ?? deal))];
  await fill(
    warehouse,
    'journeys.party',
    'party_index integer, party_kind varchar, party_id varchar, motion varchar, ended_upper_us bigint',
    partners.map((name, index) => {
      const { motion = 'referral', ended } = company.partners[name]!;
      return `${index}, 'partner', '${name}', '${motion}', ${ended ? micros(ended) : 'null'}`;
    }),
  );
  await fill(
    warehouse,
    'core.partner_agreements',
    'partner_id varchar, agreement_id varchar, plan varchar, starts_on date, ends_on date',
    (company.agreements ?? []).map((row) => {
      const [id, partner, name, starts, ends] = row.split(' ');
      return `'${partner}', '${id}', '${name}', '${starts}', ${text(ends)}`;
    }),
  );
  await fill(
    warehouse,
    'journeys.deal',
    'deal_index integer, deal_id varchar, account_index integer, reseller_party_index integer, is_won integer, closed_us bigint, closed_day integer',
    deals.map((deal, index) => {
      const { account = deal, closed, won = true, reseller } = company.deals[deal]!;
      return `${index}, '${deal}', ${accounts.indexOf(account)}, ${partnerOf(reseller)}, ${won ? 1 : 0}, ${micros(closed)}, ${dayNumber(closed)}`;
    }),
  );
  await fill(warehouse, 'journeys.self_referral', 'party_index integer, account_index integer', []);
  await fill(
    warehouse,
    'core.deal_alias',
    'deal_id varchar, survivor_id varchar',
    Object.entries(company.merged ?? {}).map(([deal, survivor]) => `'${deal}', '${survivor}'`),
  );
  await fill(
    warehouse,
    'attribution.sourcing',
    'deal_index integer, party_index integer',
    deals.map((deal, index) => `${index}, ${partnerOf(company.deals[deal]!.sourced)}`),
  );
  await fill(
    warehouse,
    'attribution.deal_sourcing',
    'deal_id varchar, partner_id varchar, evidence_id varchar',
    deals.map((deal) => {
      const { sourced } = company.deals[deal]!;
      return `'${deal}', ${text(sourced)}, ${text(sourced && `R-${deal}`)}`;
    }),
  );
  const credits = deals.flatMap((deal, index) => {
    const { sourced, influenced = [] } = company.deals[deal]!;
    const parties = [...(sourced ? [sourced] : []), ...influenced].map(partnerOf).sort((a, b) => a - b);
    return parties.length
      ? parties.map((party, place) => `${index}, ${party}, ${place ? 0 : 1_000_000_000}`)
      : [`${index}, -1, 1000000000`];
  });
  await fill(warehouse, 'attribution.credit', 'deal_index integer, party_index integer, linear integer', credits);
}

async function writeBilling(warehouse: Warehouse, company: Company, deals: string[]): Promise<void> {
  const invoices = Object.keys(company.invoices).sort((left, right) => {
    const [a, b] = [company.invoices[left]!.deal, company.invoices[right]!.deal].map((deal) => deals.indexOf(deal)) as [
      number,
      number,
    ];
    return a - b || (left < right ? -1 : 1);
  });
  const currencyOf = (name: string) => company.invoices[name]!.currency ?? 'USD';
  const currencies = [
    ...new Set([...invoices.map(currencyOf), ...deals.map((deal) => company.deals[deal]!.currency ?? 'USD'), 'USD']),
  ].sort();
  await fill(
    warehouse,
    'journeys.billing_currency',
    'currency_index integer, currency varchar',
    currencies.map((currency, index) => `${index}, '${currency}'`),
  );
  await fill(
    warehouse,
    'journeys.billing_rate',
    'rate_day integer, base_currency varchar, quote_currency varchar, provider varchar, rate varchar',
    (company.rates ?? []).map((row) => {
      const [date, base, quote, rate] = row.split(' ');
      return `${dayNumber(date!)}, '${base}', '${quote}', 'ecb', '${rate}'`;
    }),
  );
  await fill(
    warehouse,
    'journeys.billing_deal',
    'deal_index integer, basis integer, event_day integer, currency_index integer, amount_minor bigint',
    deals.flatMap((deal, index) => {
      const { won = true, amount = 0n, currency = 'USD', closed } = company.deals[deal]!;
      return won && amount ? [`${index}, 1, ${dayNumber(closed)}, ${currencies.indexOf(currency)}, ${amount}`] : [];
    }),
  );
  await fill(
    warehouse,
    'journeys.billing_invoice',
    'invoice_index integer, invoice_id varchar, deal_index integer, deal_id varchar, account_id varchar, customer_id varchar, currency_index integer, currency varchar, status varchar, close_day integer',
    invoices.map((name, index) => {
      const { deal, status = 'paid' } = company.invoices[name]!;
      const currency = currencyOf(name);
      return `${index}, '${name}', ${deals.indexOf(deal)}, '${deal}', null, 'C', ${currencies.indexOf(currency)}, '${currency}', '${status}', ${dayNumber(company.deals[deal]!.closed)}`;
    }),
  );
  const lines = invoices.flatMap((name, index) =>
    Object.entries(company.invoices[name]!.lines)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([line, net]) => ({ index, line, net })),
  );
  await fill(
    warehouse,
    'journeys.billing_line',
    'line_index integer, invoice_index integer, line_id varchar, product varchar, net_minor bigint, tax_minor bigint',
    lines.map(({ index, line, net }, number) => {
      const product = company.invoices[invoices[index]!]!.products?.[line] ?? 'core';
      return `${number}, ${index}, '${line}', '${product}', ${net}, 0`;
    }),
  );
  await writeEvents(warehouse, company, invoices);
  await fill(
    warehouse,
    'core.payouts',
    'payout_id varchar, partner_id varchar, statement_id varchar, paid_date date, amount_minor bigint, currency varchar, is_future boolean',
    (company.payouts ?? []).map((row) => {
      const [date, id, partner, amount, currency, statement] = row.split(' ');
      return `'${id}', '${partner}', ${text(statement)}, '${date}', ${amount}, '${currency}', false`;
    }),
  );
}

async function writeEvents(warehouse: Warehouse, company: Company, invoices: string[]): Promise<void> {
  const issues = invoices.map((name) => `${company.invoices[name]!.issued} issue ${name} ${name} 0`);
  const events = [...issues, ...company.events].map((row) => {
    const [date, kind, id, invoice, amount, payment] = row.split(' ') as [
      string,
      EventKind,
      string,
      string,
      string,
      string?,
    ];
    const rank = kind === 'issue' ? 0 : kind === 'payment' ? 1 : 2;
    return { date, kind, id, invoice: invoices.indexOf(invoice), amount, payment, rank, us: micros(date, rank) };
  });
  events.sort((left, right) => Number(left.us - right.us) || (left.id < right.id ? -1 : 1));
  const numbered = events.map((event, index) => ({ ...event, index }));
  const indexOf = (payment: string | undefined, of: number) =>
    numbered.find(({ id, invoice }) => id === payment && invoice === of)?.index ?? -1;
  const firsts = new Map(numbered.toReversed().map(({ kind, id, index }) => [`${kind} ${id}`, index]));
  await fill(
    warehouse,
    'journeys.billing_event',
    `event_index integer, first_event_index integer, invoice_index integer, event_kind integer, kind varchar, stream varchar, event_id varchar, own_us bigint,
     own_day integer, effective_us bigint, effective_day integer, effective_at timestamptz, effective_date date, amount_minor bigint,
     payment_event_index integer`,
    numbered
      .sort((left, right) => left.invoice - right.invoice || left.index - right.index)
      .map(({ date, kind, id, invoice, amount, payment, index, us }) => {
        const day = dayNumber(date);
        const of = kind === 'payment' ? index : indexOf(payment, invoice);
        return `${index}, ${firsts.get(`${kind} ${id}`)}, ${invoice}, ${eventKinds.indexOf(kind)}, '${kind}', 'payments', '${id}', ${us}, ${day}, ${us}, ${day}, '${date} 00:00:00+00', '${date}', ${amount}, ${of}`;
      }),
  );
}
