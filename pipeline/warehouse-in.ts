// Columns into a table of DuckDB, chunk by chunk.
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { AppendColumn, TableAppender } from '../attribution/ports.ts';
import type { NumericVector } from './warehouse-out.ts';

/** A data chunk of DuckDB holds this many rows. */
const chunkRows = 2048;

export function openAppender(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  const [schema, name] = table.split('.');
  if (!schema || !name) throw new Error(`Expected schema.table, got ${table}.`);
  return connection.createAppender(name, schema);
}

/** Names in the order of the table. */
export async function tableColumns(connection: DuckDBConnection, table: string): Promise<string[]> {
  const [schema, name] = table.split('.');
  const result = await connection.run(
    'SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND database_name = current_database() ORDER BY column_index',
    [schema!, name!],
  );
  return (await result.getRows()).map((row) => String(row[0]));
}

/** The number of rows. Throws where the columns are not the table's, or not of one length. */
export function sameLength(
  table: string,
  names: readonly string[],
  columns: Readonly<Record<string, AppendColumn>>,
): number {
  const missing = names.filter((name) => !(name in columns));
  const unknown = Object.keys(columns).filter((name) => !names.includes(name));
  if (missing.length || unknown.length)
    throw new Error(
      `Columns of ${table}: missing ${missing.join(', ') || 'none'}, unknown ${unknown.join(', ') || 'none'}.`,
    );
  const lengths = new Set(names.map((name) => columns[name]!.length));
  if (lengths.size > 1) throw new Error(`Columns of ${table} have different lengths: ${[...lengths].join(', ')}.`);
  return [...lengths][0] ?? 0;
}

/** One data chunk serves all batches: a new one per batch is not freed in time and grew to 1 GB. */
export function tableAppender(appender: DuckDBAppender): TableAppender {
  const types = Array.from({ length: appender.columnCount }, (_, index) => appender.columnType(index));
  const chunk = DuckDBDataChunk.create(types);
  return {
    append(columns, rowCount) {
      if (columns.length !== types.length) throw new Error(`Expected ${types.length} columns, got ${columns.length}.`);
      const short = columns.findIndex((column) => column.length < rowCount);
      if (short >= 0) throw new Error(`Column ${short} holds ${columns[short]!.length} of ${rowCount} rows.`);
      for (let start = 0; start < rowCount; start += chunkRows) {
        const count = Math.min(chunkRows, rowCount - start);
        chunk.reset();
        chunk.rowCount = count;
        for (let index = 0; index < columns.length; index++)
          fillVector(chunk.getColumnVector(index), types[index]!, columns[index]!, start, count);
        appender.appendDataChunk(chunk);
      }
    },
    async close() {
      appender.closeSync();
    },
  };
}

function fillVector(vector: DuckDBVector, type: DuckDBType, column: AppendColumn, start: number, count: number): void {
  const items = (vector as unknown as NumericVector).items;
  if (ArrayBuffer.isView(column) && items?.constructor === column.constructor)
    (items as Int32Array).set((column as Int32Array).subarray(start, start + count));
  else {
    const convert = converter(type);
    for (let row = 0; row < count; row++) {
      const value = (column as readonly (string | number | bigint | boolean | null)[])[start + row] ?? null;
      vector.setItem(row, value === null ? null : convert(value));
    }
  }
  vector.flush();
}

type Convert = (value: string | number | bigint | boolean) => DuckDBValue;

/** From what a caller holds to what the column's vector takes; dates are day numbers, instants microseconds. */
function converter(type: DuckDBType): Convert {
  switch (String(type)) {
    case 'BIGINT':
    case 'HUGEINT':
      return (value) => BigInt(value);
    case 'DATE':
      return (value) => new DuckDBDateValue(Number(value));
    case 'TIMESTAMP WITH TIME ZONE':
    case 'TIMESTAMPTZ':
      return (value) => new DuckDBTimestampTZValue(BigInt(value));
    case 'TIMESTAMP':
      return (value) => new DuckDBTimestampValue(BigInt(value));
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'DOUBLE':
      return (value) => Number(value);
    case 'BOOLEAN':
      return (value) => Boolean(value);
    default:
      return (value) => String(value);
  }
}
