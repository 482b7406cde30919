// What posted entries lock: who earns on a deal, under which plan version and pool (domain.md §8).
import type { WarehousePort } from '../../ports.ts';
import type { Stand } from '../changed.ts';
import { lockColumns } from '../entry-sql.ts';

const locksOf = (isWanted: string) => `
  select entry.deal_id, entry.partner_id, entry.role, ${lockColumns('entry')}
  from ledger.entry as entry
  where entry.role is not null and ${isWanted}
  group by entry.deal_id, entry.partner_id, entry.role`;

/** Writes `attribution.commission_lock`, where it does not stand. */
export async function writeLocks(warehouse: WarehousePort, stand: Stand): Promise<void> {
  if (!stand) await warehouse.run(`create or replace table attribution.commission_lock as ${locksOf('true')}`);
}

/** Adds what entries after `sequence` locked. */
export async function addLocks(warehouse: WarehousePort, sequence: bigint): Promise<void> {
  await warehouse.run(`insert into attribution.commission_lock by name ${locksOf(`sequence > ${sequence}`)}`);
}
