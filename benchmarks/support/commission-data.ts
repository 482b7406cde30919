// Random billing of any size, straight into the schemas `core`, `journeys` and `attribution` as the models and the steps before
// commission leave them, from a number and nothing else. `more` adds one payment in a thousand.
import type { Warehouse } from '../../pipeline/warehouse.ts';

export interface BillingSize {
  readonly payments: number;
  readonly partners: number;
  /**
   * `new`: what happened on the day after all others, payments of further invoices, and refunds of earlier ones, one for fifty.
   * `late`: payments of any month that were not known.
   */
  readonly more: 'nothing' | 'new' | 'late';
}

const PAYMENTS_PER_DEAL = 10;
/** 2024-01-01. */
const FIRST_DAY = 19_723;
const DAY_US = 86_400_000_000;
/** After every payment. */
const LAST_DAY = FIRST_DAY + 670;

const tier = (mode: string, per: string, bands: readonly (readonly [string, string])[]) => ({
  kind: 'percent',
  months: 24,
  contract_cost: 'expense',
  tiers: { mode, per, bands: bands.map(([from, rate]) => ({ from, rate })) },
});

/** Tiers of both modes, caps of three kinds, a flat, a pool: a partner has one of the first three, the pool serves influence. */
export const plans = [
  {
    plan: 'marginal',
    starts_on: '2023-01-01',
    currency: 'USD',
    earns_on: { sourced: true, influenced: { share: '0.50' } },
    components: [
      tier('marginal', 'fiscal_year', [
        ['0', '0.10'],
        ['20000', '0.15'],
        ['100000', '0.20'],
      ]),
    ],
    cap: { per: 'customer', amount: '900.00' },
    hold_days: 30,
  },
  {
    plan: 'cliff',
    starts_on: '2023-01-01',
    currency: 'USD',
    components: [
      tier('cliff', 'quarter', [
        ['0', '0.05'],
        ['15000', '0.08'],
        ['40000', '0.12'],
      ]),
    ],
    cap: { per: 'fiscal_year', amount: '50000.00' },
    clawback_days: 180,
  },
  {
    plan: 'plain',
    starts_on: '2023-01-01',
    currency: 'USD',
    components: [
      { kind: 'percent', rate: '0.20', months: 12, contract_cost: 'expense' },
      { kind: 'flat', amount: '50.00', once_per: 'customer', contract_cost: 'initial' },
    ],
    cap: { per: 'month', amount: '4000.00' },
  },
];

/** A deterministic number in [0, below) of row `i` and purpose. */
const random = (purpose: string, below: number) => `cast(hash(i, '${purpose}') % ${below} as integer)`;

/** Refunds: one payment in fifty, half of it or all of it. */
const REFUNDED = `hash(i, 'refunded') % 50 = 0`;

/** Creates every table that the commission step reads, `attribution.line_movement` among them. */
export async function generateBilling(warehouse: Warehouse, { payments, partners, more }: BillingSize): Promise<void> {
  const deals = Math.ceil(payments / PAYMENTS_PER_DEAL);
  const isPaid = more === 'late' ? 'true' : `hash(i, 'late') % 1000 <> 0`;
  const count = more === 'new' ? payments + payments / 1000 : payments;
  const isNew = `i >= ${payments}`;
  for (const statement of [
    'create schema if not exists core; create schema if not exists journeys; create schema if not exists attribution',
    `create or replace table journeys.party as
     select cast(i as integer) as party_index, 'partner' as party_kind, 'crm:P-' || lpad(i::varchar, 6, '0') as party_id,
       'referral' as motion, cast(null as bigint) as ended_upper_us
     from range(${partners}) as numbers(i)`,
    `create or replace table core.partner_agreements as
     select party_id as partner_id, 'crm:AG-' || party_index as agreement_id,
       ['marginal', 'cliff', 'plain'][1 + party_index % 3] as plan, date '2023-01-01' as starts_on, cast(null as date) as ends_on
     from journeys.party`,
    `create or replace table journeys.deal as
     select cast(i as integer) as deal_index, 'crm:D-' || lpad(i::varchar, 8, '0') as deal_id, cast(i // 2 as integer) as account_index,
       -1 as reseller_party_index, 1 as is_won, ${FIRST_DAY} + ${random('closed', 365)} as closed_day,
       cast(closed_day as bigint) * ${DAY_US} as closed_us
     from range(${deals}) as numbers(i)`,
    'create or replace table journeys.self_referral (party_index integer, account_index integer)',
    'create or replace table core.deal_alias (deal_id varchar, survivor_id varchar)',
    `create or replace table attribution.sourcing as
     select cast(i as integer) as deal_index, ${random('sourced', partners)} as party_index from range(${deals}) as numbers(i)`,
    `create or replace table attribution.deal_sourcing as
     select deal.deal_id, party.party_id as partner_id, 'crm:R-' || deal.deal_index as evidence_id
     from journeys.deal as deal
     inner join attribution.sourcing as sourcing on deal.deal_index = sourcing.deal_index
     inner join journeys.party as party on sourcing.party_index = party.party_index`,
    `create or replace table attribution.credit as
     select deal_index, party_index, 1000000000 as linear from attribution.sourcing
     union all
     select cast(i as integer), ${random('influenced', partners)}, 0 from range(${deals}) as numbers(i) where i % 10 = 0`,
    `create or replace table journeys.billing_currency as select 0 as currency_index, 'USD' as currency`,
    `create or replace table journeys.billing_rate (rate_day integer, base_currency varchar, quote_currency varchar, provider varchar, rate varchar)`,
    `create or replace table journeys.billing_deal (deal_index integer, basis integer, event_day integer, currency_index integer, amount_minor bigint)`,
    `create or replace table journeys.billing_invoice as
     select cast(i as integer) as invoice_index, 'billing:IN-' || lpad(i::varchar, 9, '0') as invoice_id, deal.deal_index, deal.deal_id,
       cast(null as varchar) as account_id, 'billing:C-' || deal.deal_index // 2 as customer_id, 0 as currency_index, 'USD' as currency,
       if(${isPaid}, 'paid', 'open') as status, deal.closed_day as close_day
     from range(${count}) as numbers(i)
     inner join journeys.deal as deal
       on if(${isNew}, ${random('deal', deals)}, cast(i // ${PAYMENTS_PER_DEAL} as integer)) = deal.deal_index
     order by i`,
    `create or replace table journeys.billing_line as
     select cast(i as integer) as line_index, cast(i as integer) as invoice_index, 'billing:IL-' || lpad(i::varchar, 9, '0') as line_id,
       'core' as product, cast(1000 + ${random('amount', 200_000)} as bigint) as net_minor, cast(0 as bigint) as tax_minor
     from range(${count}) as numbers(i)`,
    // Event ids and not their numbers say what happened, so that what came later moves every number behind it.
    `create or replace table journeys.billing_event as
     with dated as (
       select i, line.net_minor,
         if(${isNew}, ${LAST_DAY - 4}, invoice.close_day + 30 * (i % ${PAYMENTS_PER_DEAL}) + ${random('paid', 25)}) as issue_day
       from (select invoice_index as i, * from journeys.billing_invoice) as invoice
       inner join journeys.billing_line as line using (invoice_index)
     ), happened as (
       select i, 0 as event_kind, 'issue' as kind, 'invoices' as stream, 'billing:IN-' || lpad(i::varchar, 9, '0') as event_id,
         issue_day as day, net_minor as amount_minor from dated
       union all
       select i, 1, 'payment', 'payments', 'billing:PY-' || lpad(i::varchar, 9, '0'), issue_day + 5, net_minor from dated where ${isPaid}
       union all
       select i, 2, 'refund', 'payment_adjustments', 'billing:AD-' || lpad(i::varchar, 9, '0'),
         least(issue_day + 10 + ${random('returned', 200)}, ${LAST_DAY}), if(i % 3 = 0, net_minor, net_minor // 2)
       from dated where ${REFUNDED} and ${isPaid} and not ${isNew}
       union all
       select i, 2, 'refund', 'payment_adjustments', 'billing:AE-' || lpad(i::varchar, 9, '0'), ${LAST_DAY + 1}, net_minor // 4
       from dated where ${more === 'new'} and hash(i, 'returned lately') % 50000 = 0 and ${isPaid} and not ${isNew}
     ), ordered as (
       select *, cast(day as bigint) * ${DAY_US} as us,
         cast(row_number() over (order by day, event_kind, event_id) - 1 as integer) as event_index,
         event_index as first_event_index
       from happened
     )
     select event_index, first_event_index, cast(i as integer) as invoice_index, event_kind, kind, stream, event_id, us as own_us, day as own_day,
       us as effective_us, day as effective_day, date '1970-01-01' + day as effective_date, amount_minor, -1 as payment_event_index
     from ordered order by invoice_index, event_index`,
    `create or replace table attribution.line_movement as
     select event.invoice_index, line.line_index, event.event_index, invoice.deal_index, 3 as basis, event.event_kind,
       event.effective_day, 0 as currency_index,
       if(event.event_kind = 1, event.amount_minor, -event.amount_minor) as amount_minor, cast(0 as bigint) as tax_minor,
       if(event.event_kind = 1, event.amount_minor, -event.amount_minor) as reporting_amount_minor, 0 as fx_index
     from journeys.billing_event as event
     inner join journeys.billing_line as line using (invoice_index)
     inner join journeys.billing_invoice as invoice using (invoice_index)
     where event.event_kind in (1, 2)
     union all
     select event.invoice_index, line.line_index, event.event_index, invoice.deal_index, 2, 0, event.effective_day, 0,
       event.amount_minor, 0, event.amount_minor, 0
     from journeys.billing_event as event
     inner join journeys.billing_line as line using (invoice_index)
     inner join journeys.billing_invoice as invoice using (invoice_index)
     where event.event_kind = 0
     order by all`,
    `create or replace table core.payouts (payout_id varchar, partner_id varchar, statement_id varchar, paid_date date,
       amount_minor bigint, currency varchar, is_future boolean)`,
  ])
    await warehouse.run(statement);
}
