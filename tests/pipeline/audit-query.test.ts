// A release carries the query of each of its audits, and that query is the one that decides: run again, it gives the same.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { ranCopyOf } from '../made.ts';
import { root } from '../workspace.ts';

type Audit = { name: string; level: string; status: string; detail: string | null; query: string };

let warehouse: Warehouse;
let audits: Audit[];

beforeAll(async () => {
  const workspace = await ranCopyOf(join(root, 'tests', 'cases', 'golden'));
  const state = join(workspace, '.sourced');
  warehouse = await openWarehouse(join(state, 'warehouse.duckdb'), { readOnly: true });
  audits = await warehouse.rows<Audit>(
    `SELECT * FROM read_parquet('${join(state, 'releases', 'current', 'audit_check.parquet')}') ORDER BY name`,
  );
});
afterAll(() => warehouse?.close());

/** The audit's own query, behind that of the model which it reads. */
function ownOf({ query }: Audit): string {
  return query.slice(query.lastIndexOf('\n\n-- audit_') + 1);
}

test('each gives the audit’s own result', async () => {
  expect(audits.length).toBeGreaterThan(15);
  for (const audit of audits) {
    const { name, level, status, detail } = audit;
    const results = await warehouse.rows(`SELECT * FROM (${ownOf(audit)}\n) WHERE name = '${name}'`);
    expect(results).toMatchObject([{ name, level, is_passed: status === 'pass', detail }]);
  }
});

test('a reconciliation shows the two sides that it compares; freshness and invoices what they read', () => {
  const reconciliations = audits.filter(({ name }) => name.startsWith('reconciliation_'));
  expect(reconciliations.length).toBeGreaterThan(5);
  for (const { name, query } of reconciliations)
    expect(query).toContain(`'${name.replace('reconciliation_', '')}' as check_name`);
  const queryOf = (start: string) => audits.find(({ name }) => name.startsWith(start))!.query;
  expect(queryOf('freshness ')).toContain('as is_stale');
  expect(queryOf('invoices')).toContain('as position_minor');
});

test('no query names the database file, nor is left with a template in it', () => {
  for (const { query } of audits) expect(query).not.toMatch(/"warehouse"|\{\{|\{%/);
});
