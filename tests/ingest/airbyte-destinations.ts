// Writers of the final tables for the destinations that the sandbox does not write itself, as Airbyte types them there:
// ids and texts as text, money as numeric, instants with their zone, `_airbyte_meta` as JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import type { AirbyteRow, Destination, FinalTable } from '../../sandbox/servers/airbyte-tables.ts';

type Types = { readonly money: string; readonly instant: string; readonly json: string };

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (value: unknown) =>
  value === null || value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;

function typeOf(field: string, { money, instant }: Types): string {
  if (/(^|_)(amount|value)$/.test(field)) return money;
  return /_at$/.test(field) ? instant : 'text';
}

function createTable(name: string, { fields }: FinalTable, types: Types): string {
  const own = [
    '"_airbyte_raw_id" text',
    `"_airbyte_extracted_at" ${types.instant}`,
    '"_airbyte_generation_id" bigint',
    `"_airbyte_meta" ${types.json}`,
  ];
  return `CREATE TABLE ${name} (${[...own, ...fields.map((field) => `${quoted(field)} ${typeOf(field, types)}`)].join(', ')})`;
}

function insert(name: string, { fields, rows }: FinalTable): string[] {
  const tuple = (row: AirbyteRow) =>
    [
      ...[
        row._airbyte_raw_id,
        row._airbyte_extracted_at,
        row._airbyte_generation_id,
        JSON.stringify(row._airbyte_meta),
      ],
      ...fields.map((field) => row[field]),
    ].map(literal);
  return rows.length
    ? [`INSERT INTO ${name} VALUES ${rows.map((row) => `(${tuple(row).join(', ')})`).join(', ')}`]
    : [];
}

const duckdbTypes: Types = { money: 'decimal(38, 9)', instant: 'timestamptz', json: 'json' };

async function makeTables(warehouse: Warehouse, tables: readonly FinalTable[]): Promise<void> {
  for (const table of tables) {
    const name = quoted(table.name);
    await warehouse.run(`DROP TABLE IF EXISTS ${name}`);
    await warehouse.run(createTable(name, table, duckdbTypes));
    for (const statement of insert(name, table)) await warehouse.run(statement);
  }
}

export function duckdbDestination(path: string): Destination {
  return async (tables) => {
    const warehouse = await openWarehouse(path);
    await makeTables(warehouse, tables);
    warehouse.close();
  };
}

/** Two files for each stream, as a destination that cuts its files by size would leave. */
export function parquetDestination(directory: string): Destination {
  return async (tables) => {
    const warehouse = await openWarehouse(':memory:');
    await makeTables(warehouse, tables);
    for (const { name } of tables) {
      mkdirSync(join(directory, 'crm', name), { recursive: true });
      for (const part of [0, 1])
        await warehouse.run(
          `COPY (SELECT * FROM ${quoted(name)} WHERE rowid % 2 = ${part})
           TO '${join(directory, 'crm', name, `2026_01_01_${part}.parquet`)}' (FORMAT parquet)`,
        );
    }
    warehouse.close();
  };
}

export function postgresDestination(url: string, schema: string): Destination {
  return async (tables) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
    for (const table of tables) {
      const name = `${quoted(schema)}.${quoted(table.name)}`;
      await client.query(`DROP TABLE IF EXISTS ${name}`);
      await client.query(createTable(name, table, { money: 'numeric(38, 9)', instant: 'timestamptz', json: 'jsonb' }));
      for (const statement of insert(name, table)) await client.query(statement);
    }
    await client.end();
  };
}
