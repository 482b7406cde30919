// What the attribution job asks of the outside: a warehouse and a log. The pipeline hands them in,
// so that nothing under attribution/ opens a file, a connection or a clock.

/** A streamed column: INTEGER, SMALLINT and TINYINT as their typed arrays, BIGINT as 64-bit integers, DOUBLE as doubles. */
export type NumericColumn = Int8Array | Int16Array | Int32Array | BigInt64Array | Float64Array;

/**
 * A column to append. Typed arrays go in as they are (the fast way); plain arrays may hold `null`.
 * DATE takes whole days since 1970-01-01 (number), TIMESTAMPTZ microseconds since 1970 (bigint).
 */
export type AppendColumn = NumericColumn | readonly (string | number | bigint | boolean | null)[];

/** Some consecutive rows of a result, column by column. The arrays are valid until the next batch is asked for. */
export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly NumericColumn[];
}

/** Appends to one table. Nothing is promised to be visible before `close` resolved. */
export interface TableAppender {
  /** Appends `rowCount` rows; every column holds at least that many values, in the table's column order. */
  append(columns: readonly AppendColumn[], rowCount: number): void;
  close(): Promise<void>;
}

export interface WarehousePort {
  /** Runs statements for their effect. */
  run(sql: string): Promise<void>;
  /** Small results as row objects: BIGINT as bigint, INTEGER as number, VARCHAR as string. */
  rows<Row extends object>(sql: string): Promise<Row[]>;
  /**
   * Streams a numeric result in its own connection, in the statement's order (a bare scan keeps insertion order).
   * Throws on a NULL (its slot holds junk), on a column of another type, and when fewer than `expectedRows` rows
   * arrive: a DuckDB stream can end early without an error.
   */
  stream(sql: string, expectedRows: number): AsyncIterable<Batch>;
  /** Opens an appender on `schema.table`; the table must exist. */
  appender(table: `${string}.${string}`): Promise<TableAppender>;
}

/** One line of progress: which step, and what it counted. */
export interface ProgressEvent {
  readonly step: string;
  readonly counts: Readonly<Record<string, number>>;
}

export type ProgressLog = (event: ProgressEvent) => void;
