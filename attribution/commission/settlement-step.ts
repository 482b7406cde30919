// Payouts and releases over the warehouse: reads what was paid and what became due, and puts the transfers beside the earnings
// in `attribution.ledger_target`.
import type { WarehousePort } from '../ports.ts';
import { digestId } from './named-tables.ts';
import { type Settlement, settlePartner, type Transfer } from './settlement.ts';

type SettlementRow = Settlement & { readonly partner_id: string; readonly currency: string };

/** Writes `attribution.settlement`, adds it to the ledger's targets, and lists payouts above what was payable. */
export async function settle(warehouse: WarehousePort, releases: readonly SettlementRow[]): Promise<number> {
  const payouts = await warehouse.rows<SettlementRow>(`
    select 'payout' as kind, payout_id as id, partner_id, currency,
      cast(paid_date - date '1970-01-01' as integer) as day, amount_minor
    from core.payouts
    where not is_future and amount_minor <> 0`);
  const groups = Map.groupBy([...payouts, ...releases], ({ partner_id, currency }) => `${currency} ${partner_id}`);
  const transfers = [...groups.values()].flatMap(settlePartner);
  await writeTransfers(warehouse, transfers);
  await warehouse.run(addToTargets);
  await warehouse.run(listExcess);
  return transfers.length;
}

async function writeTransfers(warehouse: WarehousePort, transfers: readonly Transfer<SettlementRow>[]): Promise<void> {
  await warehouse.run(`create or replace table attribution.settlement (kind varchar, id varchar, partner_id varchar,
    currency varchar, effective_date date, from_account varchar, to_account varchar, amount_minor bigint)`);
  const appender = await warehouse.appender('attribution.settlement');
  appender.append(
    [
      transfers.map(({ movement }) => movement.kind),
      transfers.map(({ movement }) => movement.id),
      transfers.map(({ movement }) => movement.partner_id),
      transfers.map(({ movement }) => movement.currency),
      transfers.map(({ movement }) => movement.day),
      transfers.map(({ from }) => from),
      transfers.map(({ to }) => to),
      transfers.map(({ amount_minor }) => amount_minor),
    ],
    transfers.length,
  );
  await appender.close();
}

const addToTargets = `
  insert into attribution.ledger_target by name
  select ${digestId('cause', ['kind', 'partner_id', 'id'])} as cause_id, kind as entry_type, from_account, to_account, currency,
    effective_date, cast(sum(amount_minor) as bigint) as amount_minor, partner_id, kind as event_kind, id as event_id,
    cast(to_json([id]) as varchar) as evidence_ids
  from attribution.settlement
  group by all
  having sum(amount_minor) <> 0`;

const listExcess = `
  insert into attribution.commission_exception by name
  select 'payout_excess' as kind, partner_id, '' as deal_id, id as record_id,
    'paid above what was payable' as detail, cast(sum(amount_minor) as bigint) as amount_minor, currency,
    'approve the statements that the payout settles, or let it net the next ones' as next_action
  from attribution.settlement
  where kind = 'payout' and from_account = 'recoverable'
  group by all`;
