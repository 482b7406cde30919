// What a release id is made of: ages and the words of a query are not what is true, everything else is.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsDigest } from '../../pipeline/release-digest.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openWarehouse(join(temporaryDirectory(), 'warehouse.duckdb'));
});
afterAll(() => warehouse?.close());

async function digestOf(table: string, row: string): Promise<string> {
  const file = join(temporaryDirectory(), `${table}.parquet`);
  await warehouse.run(`COPY (SELECT ${row}) TO '${file}' (FORMAT parquet)`);
  return (await rowsDigest(warehouse, table, file)).digest;
}

test.each([
  ['fct_exception', 'record_id', 'since_at'],
  ['fct_attribution_gap', 'kind', 'oldest_at'],
  ['audit_check', 'status', 'query'],
  ['audit_quarantine', 'reason', 'name'],
])('%s: %s counts, %s does not', async (table, counted, left_out) => {
  const row = (is: string, was: string) => `'${is}' AS ${counted}, '${was}' AS ${left_out}`;
  const digest = await digestOf(table, row('a', 'x'));
  expect(await digestOf(table, row('a', 'y'))).toBe(digest);
  expect(await digestOf(table, row('b', 'x'))).not.toBe(digest);
});
