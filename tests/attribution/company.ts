// Small companies for tests of attribution: canonical records in, through the real models of models/journeys and the real
// pass over a real DuckDB, decisions and weights out. It stands in for ingest and core, which have tests of their own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runJourneys } from '../../attribution/journeys.ts';
import { methodNames } from '../../attribution/methods/registry.ts';
import { type Config, configSchema } from '../../core/config.ts';
import { endOfDay, localDate, startOfDay } from '../../core/month.ts';
import { openWarehouse, type Warehouse, type WarehouseOptions } from '../../pipeline/warehouse.ts';
import { root } from '../workspace.ts';

const TIME_ZONE = 'America/New_York';

/** An RFC 3339 instant, or a date that stands for its local day. */
type When = string;

export interface Company {
  readonly partners?: readonly { id: string; motion?: string; domain?: string; ended_at?: When }[];
  readonly accounts?: readonly { id: string; domain?: string; merged_into?: string }[];
  readonly contacts?: readonly { id: string; account?: string }[];
  readonly deals?: readonly DealRecord[];
  readonly deal_contacts?: readonly { deal: string; contact: string }[];
  readonly registrations?: readonly RegistrationRecord[];
  readonly leads?: readonly LeadRecord[];
  readonly touchpoints?: readonly TouchRecord[];
}

export interface DealRecord {
  readonly id: string;
  readonly account?: string;
  readonly created_at?: When;
  readonly lead_created_at?: When;
  /** Given for a closed deal only. */
  readonly closed_at?: When;
  readonly is_won?: boolean;
  readonly source_partner?: string;
  /** When the partner field was first observed; the creation if not given. */
  readonly observed_at?: When;
}

export interface RegistrationRecord {
  readonly id: string;
  readonly partner: string;
  readonly account?: string;
  readonly deal?: string;
  readonly submitted_at: When;
  readonly decided_at?: When;
  readonly status?: string;
  readonly protection_ends_at?: When;
}

export interface LeadRecord {
  readonly id: string;
  readonly partner?: string;
  readonly account?: string;
  readonly deal?: string;
  readonly submitted_at: When;
  readonly status?: string;
}

export interface TouchRecord {
  readonly id: string;
  readonly occurred_at: When;
  readonly account?: string;
  readonly contact?: string;
  readonly deal?: string;
  readonly channel?: string;
  readonly partner?: string;
  readonly kind?: string;
}

const schema = configSchema({ connectors: { files: z.object({}) }, methods: methodNames });

/** A configuration with `attribution` and `motions` as given and every default filled. */
export function configOf(settings: { attribution?: object; motions?: object } = {}): Config {
  const parsed = schema.parse({
    company: 'Test',
    reporting: { currency: 'USD', time_zone: TIME_ZONE },
    sources: [{ name: 'sheets', connector: 'files' }],
    ...settings,
  });
  return parsed as unknown as Config;
}

export interface Outcome {
  readonly sourcing: Record<
    string,
    {
      partner_id: string | null;
      rule: string | null;
      evidence_id: string | null;
      evidence_at: string | null;
      conflict_count: number;
    }
  >;
  /** By deal: each losing claim as `partner evidence: reason`. */
  readonly conflicts: Record<string, string[]>;
  /** By deal: `partner × touches`. */
  readonly influence: Record<string, string[]>;
  /** By deal and party (`unattributed` for the rest), the parts of each method. */
  readonly weights: Record<string, Record<string, Record<string, number>>>;
  /** By window in days: the deals that would be sourced, and influenced, in the order of their ids. */
  readonly windows: Record<string, { sourced: string[]; influenced: string[] }>;
}

/** Runs a company at a business clock. */
export async function attribute(
  company: Company,
  config = configOf(),
  as_of: When = '2026-07-01T12:00:00Z',
  options: WarehouseOptions = { threads: 1 },
): Promise<Outcome> {
  const warehouse = await openWarehouse(':memory:', options);
  try {
    await load(warehouse, company, config, as_of);
    await buildJourneys(warehouse);
    await runJourneys({ warehouse, config, log: () => undefined });
    return await readOutcome(warehouse);
  } finally {
    warehouse.close();
  }
}

// ---- records → core ----

export async function load(warehouse: Warehouse, company: Company, config: Config, as_of: When): Promise<void> {
  const { scope, lookback_days } = config.attribution;
  await warehouse.run(`
    create schema core; create schema config; create schema journeys;
    create table config.setting as select timestamptz '${as_of}' as as_of, '${scope}' as scope, ${lookback_days} as lookback_days;
    create table config.free_mail_domain as select 'gmail.com' as domain`);
  const us = (when: When | undefined) => (when === undefined ? null : lower(when));
  const upper_us = (when: When | undefined) => (when === undefined ? null : upper(when));
  const day = (when: When | undefined) => (when === undefined ? null : localDay(when));
  await fill(warehouse, 'partners', company.partners, (partner) => ({
    partner_id: partner.id,
    motion: partner.motion ?? 'referral',
    domain: partner.domain ?? null,
    ended_at_upper: upper_us(partner.ended_at),
  }));
  const survivors = company.accounts?.filter(({ merged_into }) => !merged_into);
  await fill(warehouse, 'accounts', survivors, ({ id }) => ({ account_id: id }));
  await fill(warehouse, 'checked__accounts', company.accounts, ({ id, domain, merged_into }) => ({
    survivor_id: merged_into ?? id,
    domain: domain ?? null,
    refusal_reason: null,
  }));
  await fill(warehouse, 'contacts', company.contacts, (contact) => ({
    contact_id: contact.id,
    account_id: contact.account ?? null,
  }));
  await fill(warehouse, 'deals', company.deals, (deal) => ({
    deal_id: deal.id,
    account_id: deal.account ?? null,
    created_at: us(deal.created_at),
    created_at_upper: upper_us(deal.created_at),
    created_date: day(deal.created_at),
    lead_created_at_upper: upper_us(deal.lead_created_at),
    closed_at: us(deal.closed_at),
    closed_at_upper: upper_us(deal.closed_at),
    closed_date: day(deal.closed_at),
    is_closed: deal.closed_at !== undefined,
    is_won: deal.is_won ?? deal.closed_at !== undefined,
    source_partner_id: deal.source_partner ?? null,
    reseller_partner_id: null,
    source_partner_observed_at: deal.source_partner ? us(deal.observed_at ?? deal.created_at) : null,
  }));
  await fill(warehouse, 'deal_contacts', company.deal_contacts, ({ deal, contact }) => ({
    deal_id: deal,
    contact_id: contact,
  }));
  await fill(warehouse, 'deal_registrations', company.registrations, (registration) => ({
    registration_id: registration.id,
    partner_id: registration.partner,
    account_id: registration.account ?? null,
    deal_id: registration.deal ?? null,
    submitted_at: us(registration.submitted_at),
    submitted_at_upper: upper_us(registration.submitted_at),
    decided_at: us(registration.decided_at),
    decided_at_upper: upper_us(registration.decided_at),
    protection_ends_at_upper: upper_us(registration.protection_ends_at),
    status: registration.status ?? 'approved',
  }));
  await fill(warehouse, 'leads', company.leads, (lead) => ({
    lead_id: lead.id,
    partner_id: lead.partner ?? null,
    account_id: lead.account ?? null,
    deal_id: lead.deal ?? null,
    submitted_at: us(lead.submitted_at),
    status: lead.status ?? null,
  }));
  await fill(warehouse, 'touchpoints', company.touchpoints, (touch) => ({
    touchpoint_id: touch.id,
    occurred_at: us(touch.occurred_at),
    account_id: touch.account ?? null,
    contact_id: touch.contact ?? null,
    deal_id: touch.deal ?? null,
    channel: touch.channel ?? 'sales',
    partner_id: touch.partner ?? null,
    kind: touch.kind ?? 'meeting',
  }));
}

type Cell = string | number | bigint | boolean | null;

/** Creates `core.<table>` with the columns of the mapping, whose names give the types, and fills it. */
async function fill<Item>(
  warehouse: Warehouse,
  table: string,
  items: readonly Item[] | undefined,
  rowOf: (item: Item) => Record<string, Cell>,
): Promise<void> {
  const rows = (items ?? []).map(rowOf);
  const names = Object.keys(rows[0] ?? rowOf({ id: '', deal: '', contact: '' } as unknown as Item));
  await warehouse.run(`create table core.${table} (${names.map((name) => `${name} ${typeOf(name)}`).join(', ')})`);
  if (rows.length === 0) return;
  const columns = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]));
  await warehouse.append(`core.${table}`, columns);
}

function typeOf(column: string): string {
  if (column.startsWith('is_')) return 'boolean';
  if (column.endsWith('_date')) return 'date';
  return /_at(_upper)?$/.test(column) ? 'timestamptz' : 'varchar';
}

const isDate = (when: When) => when.length === 10;
const micros = (instant: string) => Temporal.Instant.from(instant).epochNanoseconds / 1000n;
const lower = (when: When) => (isDate(when) ? startOfDay(when, TIME_ZONE) : micros(when));
const upper = (when: When) => (isDate(when) ? endOfDay(when, TIME_ZONE) : micros(when));
const localDay = (when: When) => Temporal.PlainDate.from('1970-01-01').until(localDate(lower(when), TIME_ZONE)).days;

// ---- core → journeys ----

const models = [
  'core.account_domain',
  'journeys.party',
  'journeys.deal',
  'journeys.self_referral',
  'journeys.registration_state',
  'journeys.touch_evidence',
  'journeys.touch_kind',
  'journeys.touch_of_deal',
  'journeys.touch',
  'journeys.touch_after_close',
  'journeys.claim',
];

/** Builds schema `journeys` from the project's own models, with dbt's references filled in. */
export async function buildJourneys(warehouse: Warehouse): Promise<void> {
  for (const model of models) {
    const sql = readFileSync(join(root, 'models', `${model.replace('.', '/')}.sql`), 'utf8')
      .replaceAll(/\{\{ source\('(\w+)', '(\w+)'\) \}\}/g, '$1.$2')
      .replaceAll(
        /\{\{ ref\('(\w+)'\) \}\}/g,
        (_, name: string) => `${models.includes(`journeys.${name}`) ? 'journeys' : 'core'}.${name}`,
      )
      .replaceAll('{{ missing_instant() }}', '-9223372036854775808');
    await warehouse.run(`create table ${model} as ${sql}`);
  }
}

// ---- results ----

async function readOutcome(warehouse: Warehouse): Promise<Outcome> {
  const sourcing = await warehouse.rows<{ deal_id: string }>('select * from attribution.deal_sourcing');
  const conflicts = await warehouse.rows<{ deal_id: string; text: string }>(
    "select deal_id, partner_id || ' ' || evidence_id || ': ' || reason as text from attribution.registration_conflict order by all",
  );
  const influence = await warehouse.rows<{ deal_id: string; text: string }>(
    "select deal_id, partner_id || ' × ' || touchpoint_count as text from attribution.deal_influence order by all",
  );
  const weights = await warehouse.rows<Record<string, string | bigint>>(
    "select * replace (if(party_kind = 'unattributed', 'unattributed', party_id) as party_id) from attribution.weight",
  );
  const windows = await warehouse.rows<{ window_days: number; sourced: string[]; influenced: string[] }>(`
    select
      window_days,
      coalesce(list(deal_id order by deal_id) filter (where is_sourced), []) as sourced,
      coalesce(list(deal_id order by deal_id) filter (where is_influenced), []) as influenced
    from attribution.window_deal group by window_days`);
  const outcome: Outcome = { sourcing: {}, conflicts: {}, influence: {}, weights: {}, windows: {} };
  for (const { window_days, ...deals } of windows) outcome.windows[window_days] = deals;
  for (const { deal_id, ...decision } of sourcing) outcome.sourcing[deal_id] = decision as Outcome['sourcing'][string];
  collect(outcome.conflicts, conflicts);
  collect(outcome.influence, influence);
  for (const { deal_id, party_id, party_kind: _, ...parts } of weights) {
    const deal = outcome.weights[String(deal_id)] ?? {};
    deal[String(party_id)] = Object.fromEntries(Object.entries(parts).map(([method, part]) => [method, Number(part)]));
    outcome.weights[String(deal_id)] = deal;
  }
  return outcome;
}

function collect(into: Record<string, string[]>, rows: readonly { deal_id: string; text: string }[]): void {
  for (const { deal_id, text } of rows) into[deal_id] = [...(into[deal_id] ?? []), text];
}
