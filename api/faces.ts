// The faces of a list, JSON and CSV here and Arrow in arrow.ts, from one declaration of columns. A figure is the same integer in each.
import { stringify } from 'csv-stringify/sync';
import { exponentOf } from '../core/currency.ts';
import { formatAmount } from '../core/money.ts';
import type { Column, Columns, MoneyAnswer, Row } from './columns.ts';
import type { DataRow } from './release-store.ts';

export type Value = DataRow[string];

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

export interface FlatColumn {
  readonly name: string;
  readonly kind: Column['kind'] | 'major';
  read(data: DataRow): Value;
}

/** Columns of the flat faces: money gives `x_minor` (and in CSV the decimal `x`); the reporting currency stands once per row. */
export function flatColumns(columns: Columns, reporting_currency: string): FlatColumn[] {
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
