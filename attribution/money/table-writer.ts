// Collects rows of the money tables by column and appends them in bulk; money goes in as 64-bit integers.
import type { TableAppender } from '../ports.ts';

type Shape = Readonly<Record<string, 'integer' | 'bigint'>>;
type Row<Table extends Shape> = { readonly [Name in keyof Table]: Table[Name] extends 'bigint' ? bigint : number };

export interface TableWriter<Table extends Shape> {
  write(row: Row<Table>): void;
  /** Hands over what is left; gives the number of rows written. */
  close(): Promise<number>;
}

const BUFFER_ROWS = 2048 * 16;

/** The statement that makes a table of this shape, empty. */
export function createTable(name: string, shape: Shape): string {
  const columns = Object.entries(shape).map(([column, type]) => `${column} ${type} not null`);
  return `create or replace table ${name} (${columns.join(', ')})`;
}

export function tableWriter<Table extends Shape>(appender: TableAppender, shape: Table): TableWriter<Table> {
  const names = Object.keys(shape);
  const buffers = names.map((name) =>
    shape[name] === 'bigint' ? new BigInt64Array(BUFFER_ROWS) : new Int32Array(BUFFER_ROWS),
  );
  let held = 0;
  let written = 0;
  const flush = () => {
    if (held > 0) appender.append(buffers, held);
    written += held;
    held = 0;
  };
  return {
    write(row) {
      for (let column = 0; column < names.length; column++) buffers[column]![held] = row[names[column]!]!;
      if (++held === BUFFER_ROWS) flush();
    },
    async close() {
      flush();
      await appender.close();
      return written;
    },
  };
}
