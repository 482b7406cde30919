// Rows and batches out of a result of DuckDB, as plain values.
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Batch, NumericColumn } from '../attribution/ports.ts';

/** Row objects, as `Warehouse.rows` says. */
export async function readRows(result: { getRowObjects(): Promise<Record<string, DuckDBValue>[]> }): Promise<object[]> {
  const rows: Record<string, unknown>[] = await result.getRowObjects();
  for (const row of rows) for (const name in row) row[name] = plain(row[name] as DuckDBValue);
  return rows;
}

function plain(value: DuckDBValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue)
    return isoOfMicros(value.micros);
  if (value instanceof DuckDBDateValue || value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBListValue) return value.items.map(plain);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, plain(entry)]));
  return value;
}

/** ISO 8601 in UTC, exact to the microsecond, without trailing zeros. */
export function isoOfMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}${fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`}Z`;
}

/** Batches of numbers in one snapshot. Throws where other rows came than were expected. */
export async function* streamBatches(
  instance: DuckDBInstance,
  sql: string,
  expectedRows: number | undefined,
): AsyncGenerator<Batch> {
  const connection = await instance.connect();
  try {
    await connection.run('BEGIN TRANSACTION');
    const expected = expectedRows ?? (await countRows(connection, sql));
    const result = await connection.stream(sql);
    let received = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      received += chunk.rowCount;
      yield batchOf(chunk, result.columnNames());
    }
    if (received !== expected) throw new Error(`The stream gave ${received} of ${expected} rows: ${sql.slice(0, 200)}`);
  } finally {
    connection.closeSync();
  }
}

async function countRows(connection: DuckDBConnection, sql: string): Promise<number> {
  const result = await connection.run(`SELECT count(*) FROM (${sql})`);
  return Number((await result.getRows())[0]![0]);
}

function batchOf(chunk: DuckDBDataChunk, names: readonly string[]): Batch {
  const rowCount = chunk.rowCount;
  const columns = names.map((name, index) => numericColumn(chunk.getColumnVector(index), name, rowCount));
  return { rowCount, columns };
}

/** What the vectors of fixed-width numbers share; the package keeps these fields private, but their layout is DuckDB's own. */
export type NumericVector = { items?: NumericColumn; validity: { data: BigUint64Array | null } };

function numericColumn(vector: DuckDBVector, name: string, rowCount: number): NumericColumn {
  const { items, validity } = vector as unknown as NumericVector;
  if (!ArrayBuffer.isView(items))
    throw new Error(`Column ${name} of a stream is ${vector.type}; cast it to a number in SQL.`);
  if (validity.data && !allValid(validity.data, rowCount))
    throw new Error(`Column ${name} of a stream has a NULL; coalesce it in SQL.`);
  return items;
}

const allOnes = 0xffffffffffffffffn;

function allValid(mask: BigUint64Array, rowCount: number): boolean {
  const whole = rowCount >> 6;
  for (let index = 0; index < whole; index++) if (mask[index] !== allOnes) return false;
  const rest = (1n << BigInt(rowCount & 63)) - 1n;
  return rest === 0n || (mask[whole]! & rest) === rest;
}
