// Columns between the warehouse and the job: instants as exact doubles, rows collected into whole columns.
import type { NumericColumn, TableAppender } from './ports.ts';

/** A missing instant in a streamed column: SQL writes the lowest BIGINT. It is earlier than everything. */
export const MISSING_US = -(2 ** 63);

export const DAY_US = 86_400_000_000;

const HIGH = 2 ** 32;

/** Microseconds of a BIGINT column as doubles (exact until the year 2255), without making a bigint of each. */
export function instants(column: NumericColumn, into = new Float64Array(column.length)): Float64Array {
  const halves = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
  for (let row = 0; row < column.length; row++) into[row] = halves[row * 2 + 1]! * HIGH + (halves[row * 2]! >>> 0);
  return into;
}

/** The way back of `instants`. */
function bigints(column: Float64Array, rowCount: number): BigInt64Array {
  const into = new BigInt64Array(rowCount);
  const halves = new Int32Array(into.buffer);
  for (let row = 0; row < rowCount; row++) {
    const high = Math.floor(column[row]! / HIGH);
    halves[row * 2 + 1] = high;
    halves[row * 2] = column[row]! - high * HIGH;
  }
  return into;
}

/** Rows to append, held by column: `Int32Array` for INTEGER, `Float64Array` for instants (BIGINT). */
export interface RowBuffer {
  readonly columns: readonly (Int32Array | Float64Array)[];
  /** The place of one more row; every column must be set there before the next call. */
  next(): number;
  close(): Promise<number>;
}

export type RowColumn = 'integer' | 'instant';

const BUFFER_ROWS = 65_536;

/** Collects rows of the given column types and hands them to `appender` in bulk; `close` gives the number of rows. */
export function rowBuffer(appender: TableAppender, types: readonly RowColumn[]): RowBuffer {
  const columns = types.map((type) =>
    type === 'integer' ? new Int32Array(BUFFER_ROWS) : new Float64Array(BUFFER_ROWS),
  );
  let held = 0;
  let handed = 0;
  const flush = () => {
    if (held === 0) return;
    appender.append(
      columns.map((column) => (column instanceof Int32Array ? column : bigints(column, held))),
      held,
    );
    handed += held;
    held = 0;
  };
  return {
    columns,
    next() {
      if (held === BUFFER_ROWS) flush();
      return held++;
    },
    async close() {
      flush();
      await appender.close();
      return handed;
    },
  };
}
