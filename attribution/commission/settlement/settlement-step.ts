// Payouts and releases over the warehouse: reads what was paid and what became due, and writes the transfers that follow to
// `attribution.settlement`, which the ledger's targets take in beside the earnings.
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import type { Account, EntryType } from '../books-port.ts';
import type { DueStep } from './due-step.ts';
import { excessOf, type Settlement, settlePartner, type Transfer } from './settlement.ts';

type SettlementRow = Settlement & { readonly partner_id: string; readonly currency: string };

/** Writes `attribution.settlement`, and to `attribution.payout_excess` what of payouts is recoverable still. */
export async function settle(warehouse: WarehousePort, steps: readonly DueStep[]): Promise<void> {
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
