// Local calendar dates, months and fiscal periods in the reporting time zone. Temporal does the calendar; nothing reads a clock.

/** Days since 1970-01-01. */
export type DayNumber = number;

/** The local calendar date (YYYY-MM-DD) of an instant in epoch microseconds. */
export function localDate(instant_us: bigint, timeZone: string): string {
  return Temporal.Instant.fromEpochNanoseconds(instant_us * 1000n)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** The first instant of a local day, in epoch microseconds. */
export function startOfDay(date: string, timeZone: string): bigint {
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochNanoseconds / 1000n;
}

/** The last microsecond of a local day. */
export function endOfDay(date: string, timeZone: string): bigint {
  return startOfDay(Temporal.PlainDate.from(date).add({ days: 1 }).toString(), timeZone) - 1n;
}

/** YYYY-MM of a date. */
export function monthOf(date: string): string {
  return date.slice(0, 7);
}

/** The date `months` later: the same day number, or the month's last day (fine-print 3). */
export function addMonths(date: string, months: number): string {
  return Temporal.PlainDate.from(date).add({ months }, { overflow: 'constrain' }).toString();
}

/** The date `days` later. */
export function addDays(date: string, days: number): string {
  return dateOfDay(dayNumber(date) + days);
}

/** YYYY-MM-DD → days since 1970-01-01. */
export function dayNumber(date: string): DayNumber {
  const { year, month, day } = Temporal.PlainDate.from(date);
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

/** Days since 1970-01-01 → YYYY-MM-DD. */
export function dateOfDay(day: DayNumber): string {
  return Temporal.PlainDate.from('1970-01-01').add({ days: day }).toString();
}

/** The last date of the month that holds `date`. */
export function endOfMonth(date: string): string {
  const plain = Temporal.PlainDate.from(date);
  return plain.with({ day: plain.daysInMonth }).toString();
}

/** Every month from `first` to `last`, both inclusive, as YYYY-MM. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  let month = Temporal.PlainYearMonth.from(first);
  const end = Temporal.PlainYearMonth.from(last);
  for (; Temporal.PlainYearMonth.compare(month, end) <= 0; month = month.add({ months: 1 }))
    months.push(month.toString());
  return months;
}

export type Period = 'month' | 'quarter' | 'fiscal_year' | 'lifetime';

/**
 * The period that holds a date, as the date of its first day ('lifetime' → ''). Quarters are those of the fiscal year,
 * which starts in `fiscal_year_start_month` (1–12).
 */
export function periodStart(date: string, per: Period, fiscal_year_start_month: number): string {
  if (per === 'lifetime') return '';
  const { year, month } = Temporal.PlainDate.from(date);
  const offset = (month - fiscal_year_start_month + 12) % 12;
  const back = per === 'month' ? 0 : per === 'quarter' ? offset % 3 : offset;
  return Temporal.PlainYearMonth.from({ year, month }).subtract({ months: back }).toPlainDate({ day: 1 }).toString();
}
