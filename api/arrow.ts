// A list as an Arrow IPC stream.
import {
  Bool,
  type DataType,
  DateDay,
  Float64,
  Int64,
  makeData,
  makeVector,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { dayNumber } from '../core/month.ts';
import type { Columns } from './columns.ts';
import { type FlatColumn, flatColumns, type Value } from './faces.ts';
import type { DataRow } from './release-store.ts';

/** Text Utf8, integers and `x_minor` Int64, months and dates Date32, instants Timestamp(µs, UTC). */
export function arrowOf(columns: Columns, rows: readonly DataRow[], reporting_currency: string): Uint8Array {
  const flat = flatColumns(columns, reporting_currency).filter(({ kind }) => kind !== 'major');
  const vectors = flat.map((column) => [column.name, arrowVector(column.kind, rows.map(column.read))]);
  return tableToIPC(new Table(Object.fromEntries(vectors) as Record<string, Vector>), 'stream');
}

function arrowVector(kind: FlatColumn['kind'], values: readonly Value[]): Vector {
  switch (kind) {
    case 'minor':
    case 'integer':
      return fixedVector(new Int64(), values, BigInt64Array, (value) => BigInt(value as bigint));
    case 'number':
      return fixedVector(new Float64(), values, Float64Array, Number);
    case 'month':
      return fixedVector(new DateDay(), values, Int32Array, (value) => dayNumber(`${value}-01`));
    case 'date':
      return fixedVector(new DateDay(), values, Int32Array, (value) => dayNumber(String(value)));
    case 'instant':
      return fixedVector(new TimestampMicrosecond('UTC'), values, BigInt64Array, (value) =>
        microseconds(String(value)),
      );
    case 'boolean':
      return vectorFromArray(values as (boolean | null)[], new Bool());
    default:
      return vectorFromArray(values as (string | null)[], new Utf8());
  }
}

type FixedArray = BigInt64Array | Float64Array | Int32Array;

function fixedVector<Item extends bigint | number>(
  type: DataType,
  values: readonly Value[],
  ArrayType: new (length: number) => FixedArray,
  convert: (value: NonNullable<Value>) => Item,
): Vector {
  const data = new ArrayType(values.length) as unknown as { [index: number]: Item };
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  let nullCount = 0;
  for (const [index, value] of values.entries()) {
    if (value === null) nullCount++;
    else {
      data[index] = convert(value);
      nullBitmap[index >> 3]! |= 1 << (index & 7);
    }
  }
  return makeVector(makeData({ type, length: values.length, nullCount, nullBitmap, data } as never)) as Vector;
}

function microseconds(instant: string): bigint {
  return Temporal.Instant.from(instant).epochNanoseconds / 1000n;
}
