// Deals that were merged after partners were paid on more than one of them: a merge moves no pay, so each stays the deal that it was
// for the money that was paid on it (domain.md §8: only an approved override moves pay).
import type { WarehousePort } from '../ports.ts';
import { joinAlias, lockColumns, standingDeal } from './entry-sql.ts';

/** Entries of the deals that several locked ones live on in, with what they are of: an invoice, or a deal's close. */
const mergedEntry = `
  create or replace temp table merged_entry as
  with locked as (
    select ${standingDeal} as standing_deal_id, entry.deal_id from attribution.commission_lock as entry ${joinAlias}
  ), merged as (
    select distinct standing_deal_id, deal_id
    from locked
    where standing_deal_id in (
      select standing_deal_id from locked group by standing_deal_id having count(distinct deal_id) > 1
    )
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
  ), several as (
    select deal_id, origin_id, row_number() over (
      partition by deal_id order by origin_id <> deal_id, min(sequence)
    ) - 1 as origin
    from paid
    group by deal_id, origin_id
    qualify count(*) over (partition by deal_id) > 1
  )
  select paid.*, cast(several.origin as integer) as origin
  from paid inner join several on paid.deal_id = several.deal_id and paid.origin_id = several.origin_id`;

/** `attribution.commission_origin_lock`: what was locked on each of them. */
const locks = `
  create or replace table attribution.commission_origin_lock as
  select origin.deal_id, origin.origin, entry.partner_id, entry.role, ${lockColumns('entry')}
  from merged_entry as entry
  inner join attribution.commission_origin as origin
    on entry.standing_deal_id = origin.deal_id and entry.money_id = origin.money_id
  group by all`;

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

/** Reads the locks: they are to be written before. */
export async function writeOrigins(warehouse: WarehousePort): Promise<void> {
  for (const statement of [mergedEntry, origins, locks, 'drop table temp.merged_entry']) await warehouse.run(statement);
}

/** Reads the earnings: they are to be written before. */
export async function writeElsewhere(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(elsewhere);
}
