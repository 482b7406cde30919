// The only door to warehouse.duckdb: opens it with the settings of the house, and moves rows and columns in and out.
// What the tables mean is left to ingest, dbt and the job.
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { AppendColumn, Batch, NumericColumn, TableAppender, WarehousePort } from '../attribution/ports.ts';
import { memoryLimit } from './memory.ts';
import { warehouseRefusal } from './refusals.ts';

/** A value bound to `?` or `$name`. */
export type Parameter = string | number | bigint | boolean | null;
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

export interface WarehouseOptions {
  readonly readOnly?: boolean;
  /** DuckDB's `memory_limit`, such as `3GB`; default: `memoryLimit`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** Others of DuckDB's settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** An open warehouse. All statements of `run`, `rows` and `append` share one connection, so they see each other's transaction. */
export interface Warehouse extends WarehousePort {
  run(sql: string, parameters?: Parameters): Promise<void>;
  /**
   * Row objects: BIGINT, HUGEINT bigint; smaller integers and DOUBLE number; DECIMAL decimal text; DATE `YYYY-MM-DD`;
   * TIMESTAMP and TIMESTAMPTZ ISO text in UTC with up to microseconds (`2026-01-31T23:59:59.5Z`); STRUCT object, LIST array.
   */
  rows<Row extends object = Record<string, unknown>>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** As the port says; without `expectedRows` the statement is counted first, in the same snapshot. Sees committed rows only. */
  stream(sql: string, expectedRows?: number): AsyncIterable<Batch>;
  /** Appends whole columns by name (every column of the table); returns the number of rows. */
  append(table: `${string}.${string}`, columns: Readonly<Record<string, AppendColumn>>): Promise<number>;
  /** Runs `work` between BEGIN and COMMIT; a throw rolls everything back. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs `work`, which lands small batches, with little memory: the file is closed before and after it, temporary tables go. */
  frugally<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): void;
}

/** A data chunk of DuckDB holds this many rows. */
const chunkRows = 2048;

/**
 * Opens (and, unless `readOnly`, creates) a warehouse. Nothing is ever fetched or loaded from outside: extensions stay off.
 * Throws `BusyError` when another process has the file open for writing.
 */
export async function openWarehouse(path: string, options: WarehouseOptions = {}): Promise<Warehouse> {
  let { instance, connection } = await connect(path, options);
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  const reopen = async (other: WarehouseOptions) => {
    close();
    ({ instance, connection } = await connect(path, other));
  };
  const warehouse: Warehouse = {
    async run(sql, parameters) {
      await connection.run(sql, bound(parameters));
    },
    async rows<Row extends object>(sql: string, parameters?: Parameters) {
      return readRows(await connection.run(sql, bound(parameters))) as Promise<Row[]>;
    },
    stream: (sql, expectedRows) => streamBatches(instance, sql, expectedRows),
    async appender(table) {
      return tableAppender(await openAppender(connection, table));
    },
    async append(table, columns) {
      const names = await tableColumns(connection, table);
      const appender = tableAppender(await openAppender(connection, table));
      const rowCount = sameLength(table, names, columns);
      appender.append(
        names.map((name) => columns[name]!),
        rowCount,
      );
      await appender.close();
      return rowCount;
    },
    async transaction(work) {
      await connection.run('BEGIN TRANSACTION');
      try {
        const result = await work();
        await connection.run('COMMIT');
        return result;
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined); // a failed COMMIT has rolled back already
        throw error;
      }
    },
    async frugally(work) {
      if (path === ':memory:') return work();
      await reopen({ ...options, ...frugal });
      try {
        return await work();
      } finally {
        await reopen(options);
      }
    },
    close,
  };
  return warehouse;
}

async function connect(path: string, options: WarehouseOptions) {
  const instance = await openInstance(path, options);
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run('SET GLOBAL lock_configuration = true');
  return { instance, connection };
}

/**
 * For batches of a few thousand records, for which a second thread only waits. To choose between compressions takes 50 MB and a
 * third of the time of writing; FSST alone takes the same room on disk.
 */
const frugal = {
  threads: 1,
  memoryLimit: '80MB',
  settings: { force_compression: 'fsst', allocator_background_threads: 'true' },
} as const satisfies WarehouseOptions;

async function openInstance(path: string, options: WarehouseOptions): Promise<DuckDBInstance> {
  const settings: Record<string, string> = {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    access_mode: options.readOnly ? 'READ_ONLY' : 'READ_WRITE',
    memory_limit: options.memoryLimit ?? memoryLimit,
    // At DuckDB's 16 MB every fourth batch of an API rewrote the ends of all tables: a third of the time of a large reading.
    checkpoint_threshold: '256MB',
    ...options.settings,
  };
  if (options.threads) settings.threads = String(options.threads);
  try {
    return await DuckDBInstance.create(path, settings);
  } catch (error) {
    throw warehouseRefusal(path, error) ?? error;
  }
}

function bound(parameters: Parameters | undefined): DuckDBValue[] | Record<string, DuckDBValue> | undefined {
  return parameters as DuckDBValue[] | Record<string, DuckDBValue> | undefined;
}

// ---- out ----

async function readRows(result: { getRowObjects(): Promise<Record<string, DuckDBValue>[]> }): Promise<object[]> {
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

async function* streamBatches(
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
type NumericVector = { items?: NumericColumn; validity: { data: BigUint64Array | null } };

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

// ---- in ----

function openAppender(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  const [schema, name] = table.split('.');
  if (!schema || !name) throw new Error(`Expected schema.table, got ${table}.`);
  return connection.createAppender(name, schema);
}

async function tableColumns(connection: DuckDBConnection, table: string): Promise<string[]> {
  const [schema, name] = table.split('.');
  const result = await connection.run(
    'SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND database_name = current_database() ORDER BY column_index',
    [schema!, name!],
  );
  return (await result.getRows()).map((row) => String(row[0]));
}

function sameLength(table: string, names: readonly string[], columns: Readonly<Record<string, AppendColumn>>): number {
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
function tableAppender(appender: DuckDBAppender): TableAppender {
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
