// Airbyte's DuckDB destination: a database file, attached for reading only as long as it is read.
import { existsSync } from 'node:fs';
import { SourceError } from '../../../core/errors.ts';
import { identifier, literal } from '../../../core/sql.ts';
import type { IngestWarehouse } from '../../connector.ts';
import { firstLine, isLocked } from '../../duckdb-error.ts';
import { type Destination, findTable, tableName } from './destination.ts';
import { type DuckdbTable, describeTable, markOf, readTable } from './duckdb-tables.ts';

export type DuckdbFileOptions = {
  readonly source: string;
  readonly path: string;
  readonly schema: string;
  readonly prefix: string;
  readonly folder: string;
};

const alias = 'airbyte_destination';

export async function openDuckdbFile(
  warehouse: IngestWarehouse,
  { source, path, schema, prefix, folder }: DuckdbFileOptions,
): Promise<Destination> {
  if (!existsSync(path))
    throw new SourceError(`${source}: the DuckDB file ${path} is not there`, {
      hint: 'check `destination.path` of this source in sourced.yaml',
    });
  await attach(warehouse, source, path);
  const tables = new Map<string, DuckdbTable>();
  return {
    async table(stream) {
      const name = await nameOf(stream);
      const origin = `${source}: ${schema}.${name}`;
      const relation = [alias, schema, name].map(identifier).join('.');
      const table = await describeTable(warehouse, { origin, relation });
      tables.set(stream, table);
      return table;
    },
    mark: (stream) => markOf(warehouse, tables.get(stream)!),
    read: ({ table, ...read }) => readTable(warehouse, { table: tables.get(table)!, read, folder }),
    close: () => warehouse.run(`DETACH ${alias}`),
  };

  async function nameOf(stream: string): Promise<string> {
    const rows = await warehouse.rows<{ name: string }>(
      `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = ${literal(alias)} AND schema_name = ${literal(schema)}
       UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = ${literal(alias)} AND schema_name = ${literal(schema)} AND NOT internal
       ORDER BY name`,
    );
    const names = rows.map(({ name }) => name);
    const found = findTable(tableName(prefix, stream), names);
    if (found) return found;
    throw new SourceError(
      `${source}: the file has no table ${schema}.${tableName(prefix, stream)} (there is ${names.join(', ') || 'none'})`,
      { hint: 'check `destination.schema` and `from` of this source in sourced.yaml, and what the connection syncs' },
    );
  }
}

async function attach(warehouse: IngestWarehouse, source: string, path: string): Promise<void> {
  try {
    await warehouse.run(`ATTACH ${literal(path)} AS ${alias} (READ_ONLY)`);
  } catch (error) {
    const is_locked = isLocked(error);
    throw new SourceError(`${source}: ${path} cannot be opened: ${firstLine(error)}`, {
      transient: is_locked,
      hint: is_locked
        ? 'another program writes to it; DuckDB lets no other read meanwhile'
        : 'is it a DuckDB file, of a version that this one can read?',
    });
  }
}
