// Periods of tiers and caps, and ends of eligibility, by day.
import { type DayNumber, dateOfDay, type Period, periodStart } from '../../../core/month.ts';
import { eligibilityEnd } from './plan.ts';

/** Starts of periods and ends of eligibility by day: the same for every partner, so each is worked out once. */
export interface Calendar {
  readonly fiscal_year_start_month: number;
  readonly periods: Map<Period, Map<DayNumber, string>>;
  readonly ends: Map<number, Map<DayNumber, DayNumber>>;
}

/** Months are 1–12. */
export function newCalendar(fiscal_year_start_month: number): Calendar {
  return { fiscal_year_start_month, periods: new Map(), ends: new Map() };
}

/** The start of the period that holds a day. */
export function periodOf(calendar: Calendar, day: DayNumber, per: Period): string {
  const starts = calendar.periods.getOrInsertComputed(per, () => new Map<DayNumber, string>());
  return starts.getOrInsertComputed(day, () => periodStart(dateOfDay(day), per, calendar.fiscal_year_start_month));
}

/** The first day on which a deal of this close earns no more. */
export function endOf(calendar: Calendar, close_day: DayNumber, months: number | null): DayNumber {
  if (months === null) return Number.POSITIVE_INFINITY;
  const ends = calendar.ends.getOrInsertComputed(months, () => new Map<DayNumber, DayNumber>());
  return ends.getOrInsertComputed(close_day, () => eligibilityEnd(close_day, months));
}
