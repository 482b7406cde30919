// Instants as people of the company say them: in its time zone, a whole day as a date.

/** `2026-01-05` for the start of a local day (how a date without a time is kept), else `2026-01-05 14:30 America/New_York`. */
export function localTime(instant: string | null, timeZone: string): string | null {
  if (instant === null) return null;
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  const date = local.toPlainDate().toString();
  if (local.startOfDay().epochNanoseconds === local.epochNanoseconds) return date;
  return `${date} ${local.toPlainTime().toString({ smallestUnit: 'minute' })} ${timeZone}`;
}
