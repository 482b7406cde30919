// Holds a release against expected tables in CSV: every column of the CSV must be in the table, with the same rows.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openWarehouse } from '../pipeline/warehouse.ts';

/**
 * The rows that are in one of the two only, at most ten a table, as readable lines; empty where all tables are equal.
 * Months may be written YYYY-MM, instants in any offset; an empty cell is NULL, as is an empty text.
 */
export async function differences(expectedDirectory: string, release: string): Promise<string[]> {
  const database = await openWarehouse(':memory:');
  const lines: string[] = [];
  for (const file of readdirSync(expectedDirectory)
    .filter((name) => name.endsWith('.csv'))
    .sort()) {
    const table = basename(file, '.csv');
    const parquet = join(release, `${table}.parquet`);
    if (!existsSync(parquet)) {
      lines.push(`${table}: not in the release`);
      continue;
    }
    await database.run(`CREATE OR REPLACE TEMP TABLE expected AS
      FROM read_csv('${join(expectedDirectory, file)}', all_varchar := true, header := true)`);
    const columns = await database.rows<{ name: string; type: string }>(
      `SELECT column_name AS name, column_type AS type FROM (DESCRIBE FROM '${parquet}')
       WHERE column_name IN (SELECT column_name FROM (DESCRIBE expected))`,
    );
    const missing = await database.rows<{ name: string }>(
      `SELECT column_name AS name FROM (DESCRIBE expected) WHERE column_name NOT IN (SELECT column_name FROM (DESCRIBE FROM '${parquet}'))`,
    );
    lines.push(...missing.map(({ name }) => `${table}: there is no column ${name}`));
    const expected = columns.map(({ name, type }) => `${typed(name, type)} AS "${name}"`).join(', ');
    const found = columns
      .map(({ name, type }) => (type === 'VARCHAR' ? `nullif("${name}", '') AS "${name}"` : `"${name}"`))
      .join(', ');
    const rows = await database.rows<{ side: string; line: string }>(`
      WITH wanted AS (SELECT ${expected} FROM expected), given AS (SELECT ${found} FROM '${parquet}')
      SELECT 'missing' AS side, to_json(row_wanted)::VARCHAR AS line FROM (FROM wanted EXCEPT ALL FROM given) AS row_wanted
      UNION ALL
      SELECT 'unexpected', to_json(row_given)::VARCHAR FROM (FROM given EXCEPT ALL FROM wanted) AS row_given
      LIMIT 10`);
    lines.push(...rows.map(({ side, line }) => `${table}: ${side} ${line}`));
  }
  database.close();
  return lines;
}

function typed(name: string, type: string): string {
  if (type === 'DATE') return `(CASE WHEN length("${name}") = 7 THEN "${name}" || '-01' ELSE "${name}" END)::DATE`;
  return `"${name}"::${type}`;
}
