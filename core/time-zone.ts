// Time zones by their IANA names. Offsets (`+05:30`) are none: they have no summer, and the warehouse does not know them.
import { z } from 'zod';
import { didYouMean } from './nearest.ts';

export const timeZone = z.string().refine(isTimeZone, {
  error: ({ input }) =>
    `expected an IANA time zone such as America/New_York${didYouMean(String(input), Intl.supportedValuesOf('timeZone'))}`,
});

function isTimeZone(name: string): boolean {
  try {
    return !/^[+-]/.test(name) && Boolean(Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name));
  } catch {
    return false;
  }
}
