// What changed of the targets against what is posted of the same partners and days. Most of what was worked out anew comes out as
// it was: it is told apart by numbers before anything gets a name.
import { eventKinds } from '../../money/types.ts';
import type { WarehousePort } from '../../ports.ts';
import { nameOf } from '../../sql.ts';
import type { Stand } from '../changed.ts';
import { joinAlias, signedMinor, standingDeal } from '../entry-sql.ts';
import { entryTypeCodes } from '../tables.ts';

export const eventKindNames = [...eventKinds, 'close'];

/** Of few changes, what they name is looked for first: a join to all of it takes longer than everything else. */
const named = (stand: Stand, table: string, column: string) =>
  stand
    ? `(select * from journeys.${table} where ${column} in (select ${column} from attribution.commission_change))`
    : `journeys.${table}`;

/** SQL that joins to rows `change` of `attribution.commission_change` what they stand for. */
export const namesOfChange = (stand: Stand) => `
  inner join attribution.commission_earning as earning on change.earning_index = earning.earning_index
  inner join attribution.commission_plan as plan on change.version_index = plan.version_index
  inner join attribution.commission_component as component
    on change.version_index = component.version_index and change.component_index = component.component_index
  inner join journeys.party as party on earning.party_index = party.party_index
  inner join journeys.deal as deal on earning.deal_index = deal.deal_index
  left join ${named(stand, 'billing_line', 'line_index')} as line on change.line_index = line.line_index
  left join ${named(stand, 'billing_event', 'event_index')} as event on change.event_index = event.event_index
  left join journeys.deal as closing on -1 - change.event_index = closing.deal_index`;

/** In one number each: the cause of a change and of an entry, and with its deal, type, account, currency and day its row. */
const changeKey = (stand: Stand) => `
  create or replace temp table change_key as
  select change.rowid as row_number, change.amount_minor,
    hash(party.party_id, coalesce(line.line_id, deal.deal_id), component.component,
      ${nameOf('change.event_kind', eventKindNames)}, coalesce(event.event_id, closing.deal_id)) as cause,
    hash(cause, deal.deal_id, ${nameOf('change.entry_type', entryTypeCodes)}, component.debit_account, plan.currency,
      change.effective_day) as key
  from attribution.commission_change as change
  ${namesOfChange(stand)}`;

const entryKey = `
  create or replace temp table entry_key as
  select entry.sequence, ${signedMinor('entry')} as amount_minor,
    hash(entry.partner_id, coalesce(entry.invoice_line_id, ${standingDeal}), entry.component, entry.event_kind, entry.event_id) as cause,
    hash(cause, ${standingDeal}, entry.entry_type, if(entry.debit_account = 'accrued', entry.credit_account, entry.debit_account),
      entry.currency, cast(entry.effective_date - date '1970-01-01' as integer)) as key
  from ledger.entry as entry
  inner join attribution.commission_changed as changed
    on entry.partner_id = changed.partner_id and entry.effective_date >= changed.from_date
  ${joinAlias}
  where entry.role is not null`;

/** A cause of which one row differs is worked out with all its rows: its target is their sum. */
const differingCause = `
  create or replace temp table differing_cause as
  select distinct cause
  from (select cause, key, amount_minor from change_key union all select cause, key, -amount_minor from entry_key)
  group by cause, key
  having sum(amount_minor) <> 0`;

/**
 * Writes `replaced_entry`, the sequences of entries that the targets are compared with, and leaves in
 * `attribution.commission_change` what they are to be: both of what differs, or of everything where nothing stands.
 */
export async function writeReplaced(warehouse: WarehousePort, stand: Stand): Promise<void> {
  const statements = stand
    ? [
        changeKey(stand),
        entryKey,
        differingCause,
        `create or replace temp table replaced_entry as
         select sequence from entry_key where cause in (select differing_cause.cause from differing_cause)`,
        `create or replace table attribution.commission_change as
         select change.*
         from attribution.commission_change as change
         inner join change_key on change.rowid = change_key.row_number
         where change_key.cause in (select differing_cause.cause from differing_cause)`,
        ...['change_key', 'entry_key', 'differing_cause'].map((table) => `drop table temp.${table}`),
      ]
    : ['create or replace temp table replaced_entry as select sequence from ledger.entry where role is not null'];
  for (const statement of statements) await warehouse.run(statement);
}

/** Entries that were posted since `sequence` for what differs. */
export async function addReplaced(warehouse: WarehousePort, sequence: bigint): Promise<void> {
  await warehouse.run(
    `insert into replaced_entry select sequence from ledger.entry where role is not null and sequence > ${sequence}`,
  );
}
