// Programme analytics of the sandbox company (domain.md §11), worked out a second time from its sheets alone.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { ranSandbox } from '../made.ts';
import { asOf, currentRelease } from '../workspace.ts';
import { pairs } from './programme.ts';

let workspace: string;
let database: Awaited<ReturnType<typeof openWarehouse>>;

beforeAll(async () => {
  workspace = await ranSandbox();
  database = await openWarehouse(':memory:');
  await openSheets();
});

afterAll(() => database?.close());

function inRelease(sql: string): string {
  return sql.replaceAll(/\{(\w+)\}/g, (_, table) => `'${join(currentRelease(workspace), table)}.parquet'`);
}

/** The sheets as a schema, without identical repeats and without what the truth says is refused. */
async function openSheets(): Promise<void> {
  const zone = 'America/New_York';
  await database.run('CREATE SCHEMA sheet');
  await database.run(`CREATE MACRO company_zone() AS '${zone}'`);
  await database.run(`CREATE MACRO business_clock() AS '${asOf(workspace)}'::TIMESTAMPTZ`);
  await database.run(
    `CREATE MACRO instant_of(x) AS CASE WHEN length(x) = 10 THEN timezone('${zone}', x::TIMESTAMP) ELSE x::TIMESTAMPTZ END`,
  );
  const refused = `read_csv('${join(workspace, 'truth', 'quarantine.csv')}', all_varchar := true)`;
  for (const file of readdirSync(join(workspace, 'sheets'))) {
    const stream = basename(file, '.csv');
    const rows = `read_csv('${join(workspace, 'sheets', file)}', all_varchar := true)`;
    await database.run(`CREATE TABLE sheet.${stream} AS SELECT DISTINCT * FROM ${rows}`);
    const [key] = await database.rows<{ name: string }>(
      `SELECT column_name AS name FROM (DESCRIBE sheet.${stream}) LIMIT 1`,
    );
    await database.run(
      `DELETE FROM sheet.${stream} WHERE "${key!.name}" IN (SELECT record_id FROM ${refused} WHERE stream = '${stream}')`,
    );
  }
}

test.each(pairs)('$what', async ({ sheets, release }) => {
  const both = (first: string, second: string) => `FROM (${inRelease(first)}) EXCEPT ALL FROM (${inRelease(second)})`;
  const rows = await database.rows(`
      SELECT 'only in sheets' AS side, to_json(row)::VARCHAR AS line FROM (${both(sheets, release)}) AS row
      UNION ALL
      SELECT 'only in release', to_json(row)::VARCHAR FROM (${both(release, sheets)}) AS row ORDER BY line LIMIT 10`);
  expect(rows).toEqual([]);
  expect(await database.rows(`SELECT count(*) AS rows FROM (${inRelease(sheets)})`)).not.toEqual([{ rows: 0n }]);
});
