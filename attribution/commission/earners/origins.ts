// Deals that live on in another after partners were paid on them: a merge moves no pay, so each stays the deal that it was for the
// money that was paid on it (domain.md §8: only an approved override moves pay).
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import type { Decision } from '../books-port.ts';
import { joinAlias, lockColumns, standingDeal } from '../entry-sql.ts';
import { overridesInForce } from './overrides.ts';

/** What holds for a deal holds for all that live on in it. */
export const EVERY_ORIGIN = -1;

/** `attribution.commission_overruled`: overrides of deals as people decided them, also of deals that were merged since. */
export async function writeOverruled(warehouse: WarehousePort, decisions: readonly Decision[]): Promise<void> {
  const overrides = overridesInForce(decisions).filter(({ kind }) => kind === 'deal_sourcing');
  await writeTable(
    warehouse,
    'attribution.commission_overruled',
    { place: 'integer', deal_id: 'varchar', partner_id: 'varchar', override_id: 'varchar' },
    overrides.map(({ subject_id, object_id, override_id }, place) => ({
      place,
      deal_id: subject_id,
      partner_id: object_id,
      override_id,
    })),
  );
}

/** Entries of paid deals that were merged and of those that they live on in, with what they are of: an invoice, or a deal's close. */
const mergedEntry = `
  create or replace temp table merged_entry as
  with locked as (
    select distinct ${standingDeal} as standing_deal_id, entry.deal_id
    from attribution.commission_lock as entry ${joinAlias}
  ), merged as (
    select * from locked
    where standing_deal_id in (select standing_deal_id from locked where deal_id <> standing_deal_id)
  )
  select merged.standing_deal_id, coalesce(entry.invoice_id, entry.event_id) as money_id, entry.*
  from ledger.entry as entry
  inner join merged on entry.deal_id = merged.deal_id
  where entry.role is not null`;

/**
 * `attribution.commission_origin`: for each money of such a deal the one that it was first paid on. Origin 0 is the deal itself,
 * else the first paid one: it has what nobody was paid for yet.
 */
const origins = `
  create or replace table attribution.commission_origin as
  with paid as (
    select standing_deal_id as deal_id, money_id, arg_min(deal_id, sequence) as origin_id, min(sequence) as sequence
    from merged_entry
    group by all
  ), numbered as (
    select deal_id, origin_id, row_number() over (
      partition by deal_id order by origin_id <> deal_id, min(sequence)
    ) - 1 as origin
    from paid
    group by deal_id, origin_id
  )
  select paid.*, cast(numbered.origin as integer) as origin
  from paid inner join numbered on paid.deal_id = numbered.deal_id and paid.origin_id = numbered.origin_id`;

const joinOrigin = `
  inner join attribution.commission_origin as origin
    on entry.standing_deal_id = origin.deal_id and entry.money_id = origin.money_id`;

/** `attribution.commission_origin_lock`: what was locked on each of them. */
const locks = `
  create or replace table attribution.commission_origin_lock as
  select origin.deal_id, origin.origin, entry.partner_id, entry.role, ${lockColumns('entry')}
  from merged_entry as entry ${joinOrigin}
  group by all`;

/**
 * `attribution.commission_override`: overrides by the deals that stand. One of a merged deal goes with the money that was paid on
 * it (of several, that of the deal that the money came to last); where nobody was paid on any of the deals that are one now, with
 * the deal. One of the deal itself decides for all of it.
 */
const overrides = `
  create or replace table attribution.commission_override as
  with overruled as (
    select ${standingDeal} as standing_deal_id, entry.* from attribution.commission_overruled as entry ${joinAlias}
  ), own as (
    select * from overruled where deal_id = standing_deal_id
  ), inherited as (
    select * from overruled where standing_deal_id not in (select own.deal_id from own)
  ), locked as (
    select ${standingDeal} as deal_id from attribution.commission_lock as entry ${joinAlias}
    where ${standingDeal} in (select inherited.standing_deal_id from inherited)
  ), placed as (
    select deal_id, ${EVERY_ORIGIN} as origin, partner_id, override_id, place from own
    union all
    select standing_deal_id, ${EVERY_ORIGIN}, partner_id, override_id, place
    from inherited where standing_deal_id not in (select locked.deal_id from locked)
    union all
    select origin.deal_id, origin.origin, inherited.partner_id, inherited.override_id, min(entry.sequence)
    from merged_entry as entry ${joinOrigin}
    inner join inherited on entry.deal_id = inherited.deal_id
    group by all
  )
  select deal_id, origin, arg_max(partner_id, place) as partner_id, arg_max(override_id, place) as override_id
  from placed
  group by deal_id, origin`;

/** `attribution.commission_elsewhere`: the invoices of a deal (−1: its close) that are not of an earning's origin. */
const elsewhere = `
  create or replace table attribution.commission_elsewhere as
  with merged as (
    select deal_index, deal_id from journeys.deal where deal_id in (select deal_id from attribution.commission_origin)
  ), money as (
    select merged.deal_index, merged.deal_id, invoice.invoice_index, invoice.invoice_id as money_id
    from merged inner join journeys.billing_invoice as invoice on merged.deal_index = invoice.deal_index
    union all
    select deal_index, deal_id, -1, deal_id from merged
  )
  select earning.earning_index, cast(money.invoice_index as integer) as invoice_index
  from money
  inner join attribution.commission_earning as earning on money.deal_index = earning.deal_index
  left join attribution.commission_origin as origin on money.deal_id = origin.deal_id and money.money_id = origin.money_id
  where earning.origin <> coalesce(origin.origin, 0)`;

/** Reads the locks and what people overruled: they are to be written before. */
export async function writeOrigins(warehouse: WarehousePort): Promise<void> {
  for (const statement of [mergedEntry, origins, locks, overrides, 'drop table temp.merged_entry'])
    await warehouse.run(statement);
}

/** Reads the earnings: they are to be written before. */
export async function writeElsewhere(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(elsewhere);
}
