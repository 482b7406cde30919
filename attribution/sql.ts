// Small pieces of SQL that every step of the job needs.
import { literal } from '../core/sql.ts';
import type { WarehousePort } from './ports.ts';

/** SQL that gives the name of a code, which is its position in the list. */
export function nameOf(code: string, names: readonly string[]): string {
  return `case ${code} ${names.map((name, position) => `when ${position} then ${literal(name)}`).join(' ')} end`;
}

/** The number of rows of a table, or of what follows `from`. */
export async function countRows(warehouse: WarehousePort, from: string): Promise<number> {
  const [row] = await warehouse.rows<{ count: bigint }>(`select count(*) as count from ${from}`);
  return Number(row!.count);
}
