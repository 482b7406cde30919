// The only door to warehouse.duckdb: opens it with the settings of the house, and moves rows and columns in and out.
// What the tables mean is left to ingest, dbt and the job.
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { AppendColumn, Batch, WarehousePort } from '../attribution/ports.ts';
import { isDuckdbError } from '../ingest/duckdb-error.ts';
import { memoryLimit } from './memory.ts';
import { warehouseRefusal } from './refusals.ts';
import { openAppender, sameLength, tableAppender, tableColumns } from './warehouse-in.ts';
import { readRows, streamBatches } from './warehouse-out.ts';

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

/** One connection to an open warehouse. */
export type Session = Pick<Warehouse, 'run' | 'rows' | 'close'>;

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
  /** Another connection, for statements side by side; it sees what the others have committed. */
  session(): Promise<Session>;
  /**
   * Runs `work`, which lands small batches, with little memory: the file is closed before and after it, temporary tables go. Where
   * that memory is too little, `work` is run once more with all of it.
   */
  frugally<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): void;
}

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
  let isFrugal = false;
  let commits = 0;
  const warehouse: Warehouse = {
    ...statementsOf(() => connection),
    async session() {
      const other = await instance.connect();
      return { ...statementsOf(() => other), close: () => other.closeSync() };
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
        if (isFrugal && ++commits % commitsKept === 0) await giveBack(connection);
        return result;
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined); // a failed COMMIT has rolled back already
        throw error;
      }
    },
    async frugally(work) {
      if (path === ':memory:') return work();
      await reopen({ ...options, ...frugal });
      isFrugal = true;
      try {
        return await work();
      } catch (error) {
        if (!isDuckdbError(error, 'Out of Memory')) throw error;
      } finally {
        isFrugal = false;
        await reopen(options);
      }
      return work();
    },
    close,
  };
  return warehouse;
}

/** `connection` gives the one in use: it changes where the file is opened anew. */
function statementsOf(connection: () => DuckDBConnection): Pick<Warehouse, 'run' | 'rows'> {
  return {
    async run(sql, parameters) {
      await connection().run(sql, bound(parameters));
    },
    async rows<Row extends object>(sql: string, parameters?: Parameters) {
      return readRows(await connection().run(sql, bound(parameters))) as Promise<Row[]>;
    },
  };
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
  settings: {
    force_compression: 'fsst',
    allocator_background_threads: 'true',
    allowed_configs: "['memory_limit']", // for `giveBack`
  },
} as const satisfies WarehouseOptions;

/** What a batch freed waits for this many batches: to give it back after each costs a seventh of the time. */
const commitsKept = 4;

/** Setting the limit, be it to what it is, is how DuckDB's allocator is told to give back what it holds free (up to 100 MB). */
async function giveBack(connection: DuckDBConnection): Promise<void> {
  await connection.run(`SET GLOBAL memory_limit = '${frugal.memoryLimit}'`);
}

async function openInstance(path: string, options: WarehouseOptions): Promise<DuckDBInstance> {
  const settings: Record<string, string> = {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    access_mode: options.readOnly ? 'READ_ONLY' : 'READ_WRITE',
    memory_limit: options.memoryLimit ?? memoryLimit,
    // At DuckDB's 16 MB every fourth batch of an API rewrote the ends of all tables: a third of the time of a large reading.
    checkpoint_threshold: '256MB',
    // Texts are compressed as DuckDB does since 1.3: a tenth less time of reading files, for a tenth more room.
    storage_compatibility_version: 'latest',
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
