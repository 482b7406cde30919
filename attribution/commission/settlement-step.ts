// Payouts and releases over the warehouse: reads what was paid and what became due, and writes the transfers that follow to
// `attribution.settlement`, which the ledger's targets take in beside the earnings.
import type { WarehousePort } from '../ports.ts';
import { writeTable } from '../table-writer.ts';
import type { Account, EntryType } from './books-port.ts';
import type { DueStep } from './due-step.ts';
import { excessOf, type Settlement, settlePartner, type Transfer } from './settlement.ts';

type SettlementRow = Settlement & { readonly partner_id: string; readonly currency: string };

/** Writes `attribution.settlement` and lists payouts above what was payable. */
export async function settle(warehouse: WarehousePort, steps: readonly DueStep[]): Promise<number> {
  const payouts = await warehouse.rows<SettlementRow>(`
    select 'payout' as kind, payout_id as id, partner_id, currency,
      cast(paid_date - date '1970-01-01' as integer) as day, amount_minor
    from core.payouts
    where not is_future and amount_minor <> 0`);
  const releases = steps.filter((step): step is DueStep & { kind: 'release' } => step.kind === 'release');
  const groups = Map.groupBy([...payouts, ...releases], ({ partner_id, currency }) => `${currency} ${partner_id}`);
  const settled = [...groups.values()].map(settlePartner);
  const transfers = settled.flat().map(({ movement, ...rest }) => ({ ...movement, ...rest }));
  const disputes = steps.filter(({ kind }) => kind === 'dispute').map(disputeTransfer);
  await writeTransfers(warehouse, [...transfers, ...disputes]);
  await writeExcess(warehouse, settled);
  await warehouse.run(listExcess);
  return transfers.length + disputes.length;
}

type TransferRow = Omit<SettlementRow, 'kind'> & {
  readonly kind: EntryType;
  readonly from: Account;
  readonly to: Account;
};

function disputeTransfer(step: DueStep): TransferRow {
  return {
    ...step,
    kind: step.amount_minor > 0n ? 'dispute_hold' : 'dispute_release',
    from: 'accrued',
    to: 'disputed',
  };
}

async function writeTransfers(warehouse: WarehousePort, transfers: readonly TransferRow[]): Promise<void> {
  await writeTable(
    warehouse,
    'attribution.settlement',
    {
      kind: 'varchar',
      id: 'varchar',
      partner_id: 'varchar',
      currency: 'varchar',
      effective_date: 'date',
      from_account: 'varchar',
      to_account: 'varchar',
      amount_minor: 'bigint',
    },
    transfers.map(({ day, from, to, ...transfer }) => ({
      ...transfer,
      effective_date: day,
      from_account: from,
      to_account: to,
    })),
  );
}

async function writeExcess(warehouse: WarehousePort, settled: readonly Transfer[][]): Promise<void> {
  const excess = settled.flatMap((transfers) => [...excessOf(transfers)]);
  const rows = excess.map(([payout_id, amount_minor]) => ({ payout_id, amount_minor }));
  await writeTable(warehouse, 'attribution.payout_excess', { payout_id: 'varchar', amount_minor: 'bigint' }, rows);
}

/** What of a payout above what was payable is recoverable still; where the same amount was paid for the same statement before, it says so. */
const listExcess = `
  delete from attribution.commission_exception where kind = 'payout_excess';
  insert into attribution.commission_exception by name
  with excess as (
    select payout.payout_id as id, payout.partner_id, payout.currency, excess.amount_minor
    from attribution.payout_excess as excess
    inner join core.payouts as payout on excess.payout_id = payout.payout_id
  ), twin as (
    select later.payout_id, min(earlier.payout_id) as earlier_id
    from core.payouts as later
    inner join core.payouts as earlier
      on later.partner_id = earlier.partner_id and later.statement_id = earlier.statement_id
      and later.currency = earlier.currency and later.amount_minor = earlier.amount_minor
      and (earlier.paid_date, earlier.payout_id) < (later.paid_date, later.payout_id)
    where not later.is_future
    group by later.payout_id
  )
  select 'payout_excess' as kind, 'payouts' as stream, excess.id as record_id, 'payout_excess' as reason,
    case when twin.payout_id is not null
      then 'paid twice: ' || twin.earlier_id || ' paid the same amount for the same statement; the excess is recoverable from '
      else 'paid above what was payable: the excess is recoverable from ' end || excess.partner_id as detail,
    excess.amount_minor, excess.currency,
    case when twin.payout_id is not null
      then 'ask for it back, or let it net the next commission; if another statement was meant, correct it in the payout system'
      else 'approve the statements that it settles; what is left nets the next ones' end as next_action
  from excess
  left join twin on excess.id = twin.payout_id`;
