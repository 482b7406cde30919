// Tables that the job fills: large ones of integers row by row, in bulk; small ones from row objects.
import type { TableAppender, WarehousePort } from './ports.ts';

/** Columns in order; money is `bigint`, minor units. Nothing is null. */
export type Shape = Readonly<Record<string, 'integer' | 'bigint'>>;
type Row<Table extends Shape> = { readonly [Name in keyof Table]: Table[Name] extends 'bigint' ? bigint : number };

export interface TableWriter<Table extends Shape> {
  write(row: Row<Table>): void;
  /** Hands over what is left; gives the number of rows written. */
  close(): Promise<number>;
}

const BUFFER_ROWS = 2048 * 16;

export type Writers<Shapes extends Readonly<Record<string, Shape>>> = {
  readonly [Name in keyof Shapes]: TableWriter<Shapes[Name]>;
};

/** Makes tables of schema `attribution` anew, empty, and opens a writer on each. */
export async function openWriters<Shapes extends Readonly<Record<string, Shape>>>(
  warehouse: WarehousePort,
  shapes: Shapes,
): Promise<Writers<Shapes>> {
  const writers: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const columns = Object.entries(shape).map(([column, type]) => `${column} ${type} not null`);
    await warehouse.run(`create or replace table attribution.${name} (${columns.join(', ')})`);
    writers[name] = tableWriter(await warehouse.appender(`attribution.${name}`), shape);
  }
  return writers as Writers<Shapes>;
}

function tableWriter<Table extends Shape>(appender: TableAppender, shape: Table): TableWriter<Table> {
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

type Value = string | number | bigint | null;

/** Makes a small table anew, of these rows: a column for each name of `types`, of that SQL type. A DATE is days since 1970-01-01. */
export async function writeTable<Types extends Readonly<Record<string, string>>>(
  warehouse: WarehousePort,
  table: `${string}.${string}`,
  types: Types,
  rows: readonly { readonly [Name in keyof Types]: Value }[],
): Promise<void> {
  const columns = Object.entries(types).map(([name, type]) => `${name} ${type}`);
  await warehouse.run(`create or replace table ${table} (${columns.join(', ')})`);
  if (rows.length === 0) return;
  const appender = await warehouse.appender(table);
  appender.append(
    Object.keys(types).map((name) => rows.map((row) => row[name]!)),
    rows.length,
  );
  await appender.close();
}
