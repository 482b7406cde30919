// The step's integer tables with ids and names: plans, targets of causes, reasons for zero, contingent, what waits for a rate.
import type { Config } from '../../../core/config.ts';
import type { WarehousePort } from '../../ports.ts';
import { nameOf } from '../../sql.ts';
import { writeTable } from '../../table-writer.ts';
import type { Account } from '../books-port.ts';
import type { Stand } from '../changed.ts';
import { EVERY_ORIGIN } from '../earners/origins.ts';
import { digestId, signedMinor } from '../entry-sql.ts';
import type { FlatComponent, PercentComponent, PlanVersion } from '../plans/plan.ts';
import { entryTypeCodes, roleCodes, zeroReasonCodes } from '../tables.ts';
import { eventKindNames, namesOfChange } from './replaced.ts';

/** Where a component's cost goes: capitalised by its treatment, or expensed (domain.md §10). */
function costAccount(
  { contract_cost }: PercentComponent | FlatComponent,
  { benefit_months, practical_expedient }: Config['contract_cost'],
): Account {
  const isShort = practical_expedient && benefit_months <= 12;
  return contract_cost === 'initial' && !isShort ? 'contract_cost_asset' : 'commission_expense';
}

/** `attribution.commission_plan` and `commission_component`: the versions by their number. */
export async function writePlans(
  warehouse: WarehousePort,
  versions: readonly PlanVersion[],
  contractCost: Config['contract_cost'],
): Promise<void> {
  await writeTable(
    warehouse,
    'attribution.commission_plan',
    {
      version_index: 'integer',
      plan: 'varchar',
      plan_version: 'varchar',
      currency: 'varchar',
      hold_days: 'integer',
    },
    versions.map(({ plan, starts_on: plan_version, currency, hold_days }, version_index) => ({
      version_index,
      plan,
      plan_version,
      currency,
      hold_days,
    })),
  );
  await writeTable(
    warehouse,
    'attribution.commission_component',
    {
      version_index: 'integer',
      component_index: 'integer',
      component: 'varchar',
      debit_account: 'varchar',
      months: 'integer',
    },
    versions.flatMap(({ components }, version_index) =>
      components.map((component, component_index) => ({
        version_index,
        component_index,
        component: component.name,
        debit_account: costAccount(component, contractCost),
        months: component.kind === 'percent' ? component.months : null,
      })),
    ),
  );
}

/** SQL of the month of eligibility that money came in; only where the component's months end. What goes back follows its line. */
const planMonth = `
  case when component.months is not null and change.event_kind in (${['payment', 'issue', 'close'].map((kind) => eventKindNames.indexOf(kind)).join(', ')})
    then ${monthBetween(`date '1970-01-01' + deal.closed_day`, `date '1970-01-01' + change.effective_day`)} end`;

/** SQL of the month that a day is in, counted from another day, from 1; the day number or the month's last day begins one. */
function monthBetween(from: string, day: string): string {
  return `cast(1 + date_diff('month', ${from}, ${day})
    - if(day(${day}) < day(${from}) and ${day} <> last_day(${day}), 1, 0) as integer)`;
}

/**
 * Grain of `target_row`: cause × entry type × day. What each cause should have earned by now; Σ over days and types
 * is its target, which `attribution.commission_target` keeps. Of what changed only. The rows themselves last as long as the connection: writing
 * millions of wide rows into the file would cost more than making them. A booked deal has no line, and the event is a close: its own, or that of the deal that moved its tier or cap.
 */
const targetRow = (stand: Stand) => `
  create or replace temp table target_row as
  with change as (
    select change.earning_index, change.version_index, change.component_index, change.line_index, change.event_index,
      change.event_kind, change.entry_type, change.effective_day, cast(sum(change.amount_minor) as bigint) as amount_minor,
      any_value(change.event_amount_minor) as event_amount_minor, any_value(change.event_currency) as event_currency,
      any_value(change.event_base_minor) as event_base_minor
    from attribution.commission_change as change
    group by all
    having sum(change.amount_minor) <> 0
  ), placed as (
    select change.*, row_number() over (order by effective_day, party_index, event_kind, event_index, line_index,
      component_index, entry_type, change.earning_index, change.version_index) as place
    from change
    inner join attribution.commission_earning as earning on change.earning_index = earning.earning_index
  ), named as (
    select
      change.place,
      party.party_id as partner_id,
      plan.currency,
      deal.deal_id,
      invoice.invoice_id,
      line.line_id as invoice_line_id,
      plan.plan,
      plan.plan_version,
      component.component,
      component.debit_account,
      ${nameOf('earning.role', roleCodes)} as role,
      nullif(earning.pool_size, -1) as pool_size,
      ${nameOf('change.entry_type', entryTypeCodes)} as entry_type,
      ${nameOf('change.event_kind', eventKindNames)} as event_kind,
      coalesce(event.event_id, closing.deal_id) as event_id,
      date '1970-01-01' + change.effective_day as effective_date,
      case when change.entry_type <> ${entryTypeCodes.indexOf('clawback')}
        then date '1970-01-01' + change.effective_day + plan.hold_days end as held_until,
      case when earning.role = ${roleCodes.indexOf('sourced')} and party.party_id = sourcing.partner_id
        then sourcing.evidence_id end as sourcing_evidence_id,
      override.override_id,
      change.amount_minor,
      nullif(change.event_amount_minor, 0) as event_amount_minor,
      ${planMonth} as plan_month,
      case when change.event_amount_minor <> 0 then nullif(moved.currency, plan.currency) end as event_currency,
      case when moved.currency <> plan.currency then nullif(change.event_base_minor, 0) end as event_base_minor
    from placed as change
    ${namesOfChange(stand)}
    inner join journeys.billing_currency as moved on change.event_currency = moved.currency_index
    left join journeys.billing_invoice as invoice on line.invoice_index = invoice.invoice_index
    left join attribution.deal_sourcing as sourcing on deal.deal_id = sourcing.deal_id
    left join attribution.commission_override as override
      on deal.deal_id = override.deal_id and party.party_id = override.partner_id
      and override.origin in (${EVERY_ORIGIN}, earning.origin)
      and earning.role = ${roleCodes.indexOf('sourced')}
  )
  select
    ${digestId('cause', ['partner_id', 'coalesce(invoice_line_id, deal_id)', 'component', 'event_kind', 'event_id'])} as cause_id,
    *
  from named`;

/** What every cause earned by now: anew where it differs, elsewhere as it was posted. Lasts like `target_row`. */
const earnedRow = `
  create or replace temp view earned_row as
  select partner_id, currency, deal_id, invoice_id, invoice_line_id, entry_type, event_kind, event_id, effective_date, amount_minor
  from target_row
  union all
  select entry.partner_id, entry.currency, entry.deal_id, entry.invoice_id, entry.invoice_line_id, entry.entry_type,
    entry.event_kind, entry.event_id, entry.effective_date, ${signedMinor('entry')} as amount_minor
  from ledger.entry as entry
  where entry.role is not null and entry.sequence not in (select replaced.sequence from replaced_entry as replaced)`;

/** Keeps a table's rows of partners without changes, and replaces the others. */
const replaceChanged = (table: string, columns: string, rows: string) => `
  create table if not exists attribution.${table} (partner_id varchar, ${columns});
  delete from attribution.${table} where partner_id in (select changed.partner_id from attribution.commission_changed as changed);
  insert into attribution.${table} by name ${rows}`;

const zeroReason = `
  create or replace table attribution.commission_zero_reason as
  select deal.deal_id, party.party_id as partner_id, ${nameOf('zero.role', roleCodes)} as role,
    ${nameOf('zero.reason', zeroReasonCodes)} as reason
  from attribution.commission_zero as zero
  inner join journeys.deal as deal on zero.deal_index = deal.deal_index
  inner join journeys.party as party on zero.party_index = party.party_index`;

const contingent = replaceChanged(
  'contingent',
  'currency varchar, deal_id varchar, invoice_id varchar, amount_minor bigint',
  `
  select party.party_id as partner_id, plan.currency, deal.deal_id, invoice.invoice_id,
    cast(sum(expected.amount_minor) as bigint) as amount_minor
  from attribution.commission_expected as expected
  inner join attribution.commission_earning as earning on expected.earning_index = earning.earning_index
  inner join attribution.commission_plan as plan on earning.version_index = plan.version_index
  inner join journeys.party as party on earning.party_index = party.party_index
  inner join journeys.deal as deal on earning.deal_index = deal.deal_index
  inner join journeys.billing_invoice as invoice on expected.invoice_index = invoice.invoice_index
  group by all
  having sum(expected.amount_minor) <> 0`,
);

/** Receipts that accrue nothing until a rate comes, by what they are of. */
const rateMissing = replaceChanged(
  'commission_rate_missing',
  `deal_id varchar, stream varchar, record_id varchar, currency varchar, plan_currency varchar, rate_date date, amount_minor bigint`,
  `
  select party.party_id as partner_id, deal.deal_id, coalesce(event.stream, 'deals') as stream,
    coalesce(event.event_id, deal.deal_id) as record_id, currency.currency, plan.currency as plan_currency,
    date '1970-01-01' + gap.rate_day as rate_date, gap.amount_minor
  from attribution.commission_rate_gap as gap
  inner join attribution.commission_earning as earning on gap.earning_index = earning.earning_index
  inner join attribution.commission_plan as plan on earning.version_index = plan.version_index
  inner join journeys.party as party on earning.party_index = party.party_index
  inner join journeys.deal as deal on earning.deal_index = deal.deal_index
  left join journeys.billing_event as event on gap.event_index = event.event_index
  left join journeys.billing_line as line on gap.line_index = line.line_index
  left join journeys.billing_invoice as invoice on line.invoice_index = invoice.invoice_index
  left join journeys.billing_deal as booked on gap.event_index < 0 and booked.deal_index = earning.deal_index
  inner join journeys.billing_currency as currency
    on currency.currency_index = coalesce(invoice.currency_index, booked.currency_index)`,
);

/** Writes everything that has names. */
export async function nameCommissions(warehouse: WarehousePort, stand: Stand): Promise<void> {
  for (const statement of [targetRow(stand), earnedRow, zeroReason, contingent, rateMissing])
    await warehouse.run(statement);
}
