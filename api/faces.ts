// The three faces of a list: JSON, CSV and Arrow, from one declaration of columns. A figure is the same integer in each.
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
import { stringify } from 'csv-stringify/sync';
import { exponentOf } from '../core/currency.ts';
import { formatAmount } from '../core/money.ts';
import { dayNumber } from '../core/month.ts';
import type { Column, Columns, MoneyAnswer, Row } from './columns.ts';
import type { DataRow } from './release-store.ts';

type Value = DataRow[string];

/** Minor units and currency → the money object of the API. Throws for a currency that ISO 4217 does not list. */
export function moneyAnswer(amount_minor: bigint, currency: string): MoneyAnswer {
  return { amount_minor: amount_minor.toString(), amount: majorUnits(amount_minor, currency), currency };
}

function majorUnits(amount_minor: bigint, currency: string): string {
  const exponent = exponentOf(currency);
  if (exponent === undefined) throw new Error(`the release holds an amount in ${JSON.stringify(currency)}`);
  return formatAmount(amount_minor, exponent);
}

/** The SQL column that a field is read from. */
export function sqlName(name: string, column: Column): string {
  return column.kind === 'money' || column.kind === 'minor' ? `${name}_minor` : name;
}

/** A row as the query gave it → the JSON object that its schema describes. */
export function jsonRow<Given extends Row>(row: Given, data: DataRow, reporting_currency: string) {
  const fields = Object.entries(row.columns).map(([name, column]) => {
    const value = data[sqlName(name, column)] ?? null;
    return [name, value === null ? null : jsonValue(column, value, data, reporting_currency)];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}

function jsonValue(column: Column, value: Value, data: DataRow, reporting_currency: string): unknown {
  if (column.kind === 'money') return moneyAnswer(value as bigint, currencyOf(column, data, reporting_currency));
  if (column.kind === 'minor') return String(value);
  return column.kind === 'integer' ? Number(value) : value;
}

function currencyOf(column: Column, data: DataRow, reporting_currency: string): string {
  return column.currency === 'reporting' ? reporting_currency : String(data[column.currency ?? 'currency']);
}

interface FlatColumn {
  readonly name: string;
  readonly kind: Column['kind'] | 'major';
  read(data: DataRow): Value;
}

/** Columns of the flat faces: money gives `x_minor` (and in CSV the decimal `x`); the reporting currency stands once per row. */
function flatColumns(columns: Columns, reporting_currency: string): FlatColumn[] {
  const flat = Object.entries(columns).flatMap(([name, column]): FlatColumn[] => {
    const sql = sqlName(name, column);
    const read = (data: DataRow) => data[sql] ?? null;
    if (column.kind !== 'money') return [{ name: sql, kind: column.kind, read }];
    const major = (data: DataRow) => {
      const value = read(data);
      return value === null ? null : majorUnits(value as bigint, currencyOf(column, data, reporting_currency));
    };
    return [
      { name: sql, kind: 'minor', read },
      { name, kind: 'major', read: major },
    ];
  });
  const isReporting = Object.values(columns).some(({ currency }) => currency === 'reporting');
  return isReporting ? [...flat, { name: 'reporting_currency', kind: 'text', read: () => reporting_currency }] : flat;
}

export function csvOf(columns: Columns, rows: readonly DataRow[], reporting_currency: string): string {
  const flat = flatColumns(columns, reporting_currency);
  const cells = rows.map((data) => flat.map((column) => csvCell(column, data)));
  return stringify([flat.map(({ name }) => name), ...cells]);
}

function csvCell({ kind, read }: FlatColumn, data: DataRow): string {
  const value = read(data);
  if (value === null) return '';
  return kind === 'text' ? neutralised(String(value)) : String(value);
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it (contract §7). */
export function neutralised(text: string): string {
  return isRisky(text) ? `'${text}` : text;
}

function isRisky(text: string): boolean {
  const first = text.codePointAt(0) ?? 0x20;
  return '=+-@＝＋－＠'.includes(text.charAt(0)) ? text !== '' : first < 0x20 || first === 0x7f;
}

/** An Arrow IPC stream: text Utf8, integers and `x_minor` Int64, months and dates Date32, instants Timestamp(µs, UTC). */
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
