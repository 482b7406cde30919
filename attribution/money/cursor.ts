// Walks a numeric stream row by row while other streams are walked beside it (a merge by ascending key).
import type { Batch, NumericColumn } from '../ports.ts';

export interface Cursor {
  /** The columns and row under the cursor; valid until the next `advance`. */
  readonly columns: readonly NumericColumn[];
  readonly row: number;
  /** The first column at the cursor; Infinity after the last row. */
  readonly key: number;
  /** Moves to the next row of the batch at hand, or to the first row of the next batch. */
  advance(): Promise<void> | undefined;
}

/** A cursor on the first row of a stream whose first column is an ascending INTEGER key. */
export async function openCursor(stream: AsyncIterable<Batch>): Promise<Cursor> {
  const batches = stream[Symbol.asyncIterator]();
  let batch: Batch | undefined;
  const cursor = { columns: [] as readonly NumericColumn[], row: -1, key: -Infinity, advance };
  async function refill(): Promise<void> {
    const next = await batches.next();
    batch = next.done ? undefined : next.value;
    cursor.columns = batch?.columns ?? [];
    cursor.row = 0;
    settle();
  }
  function settle(): void {
    const key = batch ? (cursor.columns[0]![cursor.row] as number) : Infinity;
    if (key < cursor.key) throw new Error(`cursor: key ${key} comes after ${cursor.key}`);
    cursor.key = key;
  }
  function advance(): Promise<void> | undefined {
    if (!batch || cursor.row + 1 >= batch.rowCount) return refill();
    cursor.row++;
    settle();
    return undefined;
  }
  await refill();
  return cursor;
}

/** Reads every row of one key and moves past it. Rows of lower keys are an error: nobody would ever read them. */
export async function takeKey(cursor: Cursor, key: number, onRow: (cursor: Cursor) => void): Promise<void> {
  if (cursor.key < key) throw new Error(`cursor: rows of key ${cursor.key} were left behind at ${key}`);
  while (cursor.key === key) {
    onRow(cursor);
    const more = cursor.advance();
    if (more) await more;
  }
}
