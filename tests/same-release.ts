// Two workspaces of one company, read from spreadsheets and from systems: what their releases say must be the same.
import { join } from 'node:path';
import { expect } from 'vitest';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { currentRelease } from './workspace.ts';

/** Columns of each table that must agree; the others tell of sources and of the order in which things were learned. */
const tables = {
  fct_deal_sourcing: 'deal_id, partner_id, rule, evidence_id, evidence_at, conflict_count',
  fct_deal_influence: 'deal_id, partner_id, touchpoint_count, first_touch_at, last_touch_at',
  fct_attribution_weight: '*',
  fct_deal_money: 'deal_id, basis, month, currency, amount_minor, reporting_amount_minor',
  fct_attribution_monthly: '*',
  fct_revenue_monthly: '*',
  fct_partner_revenue_monthly: '*',
  fct_commission_entry: 'partner_id, invoice_line_id, component, currency, entry_type, effective_date, amount_minor',
  fct_commission_liability: '*',
  fct_unlinked_money: 'basis, month, currency, amount_minor',
} as const;

export const tableNames = Object.keys(tables) as (keyof typeof tables)[];

/** Two workspaces, and the names that the second one's systems have in its sourced.yaml. */
export type Pair = { readonly sheets: string; readonly systems: string; readonly sources: readonly string[] };

/** Fails where a table is empty, or a row is in one of the two releases only; the ids of systems are taken as those of sheets. */
export async function expectSameTable(table: keyof typeof tables, { sheets, systems, sources }: Pair): Promise<void> {
  const database = await openWarehouse(':memory:');
  const read = (workspace: string) =>
    `(SELECT regexp_replace(to_json(row_read)::VARCHAR, '"((lead|registration):)?(${sources.join('|')}):', '"\\1sheets:', 'g') AS line
      FROM (SELECT ${tables[table]} FROM '${join(currentRelease(workspace), `${table}.parquet`)}') AS row_read)`;
  try {
    const [count] = await database.rows<{ count: bigint }>(`SELECT count(*) AS count FROM ${read(sheets)}`);
    expect(count!.count, table).toBeGreaterThan(0n);
    const rows = await database.rows<{ side: string; line: string }>(
      `SELECT 'sheets only' AS side, line FROM (FROM ${read(sheets)} EXCEPT ALL FROM ${read(systems)})
       UNION ALL SELECT 'systems only', line FROM (FROM ${read(systems)} EXCEPT ALL FROM ${read(sheets)})
       ORDER BY line LIMIT 10`,
    );
    expect(rows.map(({ side, line }) => `${side}: ${line}`)).toEqual([]);
  } finally {
    database.close();
  }
}
