// A date that a source gave is shown as that date, not as the evening before in UTC.
import { expect, test } from 'vitest';
import { localTime } from '../../api/local-time.ts';

test.each([
  ['2026-01-05T05:00:00.000000Z', 'America/New_York', '2026-01-05'],
  ['2026-01-04T23:00:00.000000Z', 'Europe/Berlin', '2026-01-05'],
  ['2026-07-01T16:30:59.5Z', 'America/New_York', '2026-07-01 12:30 America/New_York'],
  ['2026-01-05T00:00:00Z', 'UTC', '2026-01-05'],
  [null, 'UTC', null],
])('%s in %s is %s', (instant, zone, text) => expect(localTime(instant, zone)).toBe(text));
