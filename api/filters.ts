// The parameters that many questions share, and the SQL conditions that they become.
import { z } from 'zod';
import { endOfMonth, localDate, monthOf } from '../core/month.ts';
import { CalendarDate, Month } from './columns.ts';
import { ApiProblem } from './errors.ts';
import type { Parameters, Release } from './release-store.ts';
import { bases } from './schemas.ts';

/** No id is longer. */
export const ID_LENGTH_MAX = 2000;
export const id = z.string().min(1).max(ID_LENGTH_MAX);

export const monthRange = {
  month: Month.optional().describe('One month; instead of from and to'),
  from: Month.optional().describe('First month, inclusive'),
  to: Month.optional().describe('Last month, inclusive'),
};

export const basis = z.enum(bases);

export const currencyMode = z
  .string()
  .regex(/^(native|reporting|[A-Z]{3})$/, 'currency is native, reporting, or an ISO 4217 code')
  .default('native')
  .describe('native: one row per currency; reporting: all currencies as one, converted; a code: that currency only');

export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'currency is an ISO 4217 code');

export const top = z
  .string()
  .regex(/^([1-9]\d?|100)$/, 'top is a number from 1 to 100')
  .transform(Number)
  .optional();

export const partnerId = id.describe('The partner, as <source>:<native id>');
export const date = CalendarDate;

export interface MonthRange {
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The first and last month asked for. Throws `range_reversed`. */
function rangeOf({ month, from = month, to = month }: MonthRange): { from?: string; to?: string } {
  if (from !== undefined && to !== undefined && from > to)
    throw new ApiProblem('range_reversed', `from (${from}) must not be after to (${to}).`);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export interface Conditions {
  /** Starts with WHERE; empty where nothing is asked. */
  readonly where: string;
  readonly parameters: Parameters;
}

type Filter = readonly [condition: string, parameters: Readonly<Record<string, string | number | undefined>>];

/** Keeps the conditions whose parameters are all given. */
export function conditions(...filters: readonly Filter[]): Conditions {
  const given = filters.filter(([, parameters]) => Object.values(parameters).every((value) => value !== undefined));
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(([condition]) => `(${condition})`).join(' AND ')}`,
    parameters: Object.assign({}, ...given.map(([, parameters]) => parameters)),
  };
}

/** Conditions on a DATE column that holds the first day of a month. */
export function monthFilters(range: MonthRange, column = 'month'): Filter[] {
  const { from, to } = rangeOf(range);
  return [
    [`${column} >= CAST($from || '-01' AS DATE)`, { from }],
    [`${column} <= CAST($to || '-01' AS DATE)`, { to }],
  ];
}

/** The calendar date of the business clock in the time zone of the report. */
export function asOfDate({ manifest }: Release): string {
  const instant_us = Temporal.Instant.from(manifest.as_of).epochNanoseconds / 1000n;
  return localDate(instant_us, manifest.time_zone);
}

/** SQL: the calendar date of an instant in the time zone of the report, of the parameters of `clockOf`. */
export function localDateSql(instant: string): string {
  return `CAST(timezone($time_zone, ${instant}) AS DATE)`;
}

/** SQL: whole calendar days from an instant to the business clock. */
export function ageDaysSql(instant: string): string {
  return `date_diff('day', ${localDateSql(instant)}, CAST($today AS DATE))`;
}

/** What dates and ages in SQL are told by. */
export function clockOf(release: Release): { readonly time_zone: string; readonly today: string } {
  return { time_zone: release.manifest.time_zone, today: asOfDate(release) };
}

/** The month of the business clock. */
export function asOfMonth(release: Release): string {
  return monthOf(asOfDate(release));
}

/** The last month that is over at the business clock. */
export function lastCompleteMonth(release: Release): string {
  const today = asOfDate(release);
  return today === endOfMonth(today) ? monthOf(today) : addToMonth(monthOf(today), -1);
}

/** The month (YYYY-MM) so many months later; earlier where `months` is negative. */
export function addToMonth(month: string, months: number): string {
  return Temporal.PlainYearMonth.from(month).add({ months }).toString();
}

/** Refuses a method that this release was not made with. */
export function requireMethod({ manifest }: Release, method: string | undefined): void {
  if (method === undefined || manifest.methods.includes(method)) return;
  const detail = `method is one of ${manifest.methods.join(', ')}.`;
  throw new ApiProblem('parameter_invalid', detail, { errors: [{ field: 'method', detail }] });
}
