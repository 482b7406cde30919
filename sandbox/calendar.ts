// The company's calendar: local days of New York and instants in UTC seconds. Local times here are never before 05:00,
// so that a local day is known from an instant without a time zone database.

/** Days since 1970-01-01, local. */
export type Day = number;
/** UTC seconds since the epoch. */
export type Moment = number;

const timeZone = 'America/New_York';
export const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

export function dayOfDate(year: number, month: number, day: number): Day {
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

const dates = new Map<Day, string>();

/** YYYY-MM-DD of a day. */
export function toDate(day: Day): string {
  let text = dates.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    dates.set(day, text);
  }
  return text;
}

/** YYYY-MM of a day. */
export function toMonth(day: Day): string {
  return toDate(day).slice(0, 7);
}

const DAYS_PER_MONTH = 30.436875;
const monthStarts: Day[] = [];

/** First day of month number `month`, counted from January 1970. */
function monthStart(month: number): Day {
  monthStarts[month] ??= Date.UTC(1970, month, 1) / 86_400_000;
  return monthStarts[month];
}

/** The day `months` later: the same day number or the month's last day. */
export function addMonths(day: Day, months: number): Day {
  let month = Math.floor(day / DAYS_PER_MONTH);
  while (monthStart(month) > day) month--;
  while (monthStart(month + 1) <= day) month++;
  const start = monthStart(month + months);
  const length = monthStart(month + months + 1) - start;
  return start + Math.min(day - monthStart(month), length - 1);
}

/** Monday = 0 … Sunday = 6. */
export function weekday(day: Day): number {
  return (day + 3) % 7;
}

/** The day itself, or the Monday after a weekend. */
export function workday(day: Day): Day {
  const at = weekday(day);
  return at < 5 ? day : day + 7 - at;
}

const offsets = new Map<Day, number>();

/** Hours behind UTC at noon of a local day: 4 or 5. */
function hoursBehind(day: Day): number {
  let hours = offsets.get(day);
  if (hours === undefined) {
    const noon = Temporal.PlainDate.from(toDate(day)).toZonedDateTime({ timeZone, plainTime: '12:00' });
    hours = -noon.offsetNanoseconds / 3_600_000_000_000;
    offsets.set(day, hours);
  }
  return hours;
}

/** The instant of a local day and second of that day (from 05:00 on). */
export function at(day: Day, seconds: number): Moment {
  return day * DAY_SECONDS + seconds + hoursBehind(day) * HOUR_SECONDS;
}

/** The local day of an instant that `at` made. */
export function dayOf(moment: Moment): Day {
  return Math.floor((moment - 5 * HOUR_SECONDS) / DAY_SECONDS);
}

const two = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** RFC 3339 in UTC. */
export function toInstant(moment: Moment): string {
  const day = Math.floor(moment / DAY_SECONDS);
  return `${toDate(day)}T${clock(moment - day * DAY_SECONDS)}Z`;
}

/** RFC 3339 with the local offset, as some systems export it; the same instant. */
export function toLocalInstant(moment: Moment): string {
  const day = dayOf(moment);
  const hours = hoursBehind(day);
  return `${toDate(day)}T${clock(moment - hours * HOUR_SECONDS - day * DAY_SECONDS)}-0${hours}:00`;
}

function clock(seconds: number): string {
  const hours = Math.floor(seconds / HOUR_SECONDS);
  const minutes = Math.floor((seconds % HOUR_SECONDS) / 60);
  return `${two[hours]}:${two[minutes]}:${two[seconds % 60]}`;
}
