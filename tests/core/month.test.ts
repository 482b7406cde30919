// Local days, months and fiscal periods; the process's own time zone never matters.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dateOfDay,
  dayNumber,
  endOfDay,
  endOfMonth,
  localDate,
  monthOf,
  monthsBetween,
  periodStart,
  startOfDay,
} from '../../core/month.ts';

const instant = (text: string) => Temporal.Instant.from(text).epochNanoseconds / 1000n;

describe('a local day', () => {
  test('an instant belongs to the day of the reporting time zone', () => {
    expect(localDate(instant('2026-03-01T04:59:59Z'), 'America/New_York')).toBe('2026-02-28');
    expect(localDate(instant('2026-03-01T05:00:00Z'), 'America/New_York')).toBe('2026-03-01');
  });

  test('the day of a clock change has 23 or 25 hours', () => {
    const hours = (date: string) =>
      (endOfDay(date, 'America/New_York') + 1n - startOfDay(date, 'America/New_York')) / 3_600_000_000n;
    expect([hours('2026-03-08'), hours('2026-11-01'), hours('2026-11-02')]).toEqual([23n, 25n, 24n]);
  });
});

test('months partition events: every instant lies in exactly one month of a zone, [start, end)', () => {
  const zones = [
    'UTC',
    'America/New_York',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
  ];
  const edges = fc.constantFrom(
    '2018-11-04T03:00:00Z',
    '2026-02-28T23:59:59Z',
    '2026-03-01T00:00:00Z',
    '2011-12-30T10:00:00Z',
  );
  const near = fc
    .tuple(edges, fc.integer({ min: -90_000, max: 90_000 }))
    .map(([edge, s]) => instant(edge) + BigInt(s) * 1_000_000n);
  const any = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n });
  fc.assert(
    fc.property(fc.oneof(near, any), fc.constantFrom(...zones), (at, zone) => {
      const month = monthOf(localDate(at, zone));
      const starts = [-1, 0, 1, 2].map((months) => startOfDay(addMonths(`${month}-01`, months), zone));
      expect(starts.filter((start, index) => start <= at && at < (starts[index + 1] ?? start))).toEqual([starts[1]]);
      expect(endOfDay(endOfMonth(`${month}-01`), zone) + 1n).toBe(starts[2]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2024-01-31', 1, '2024-02-29'],
  ['2026-02-28', 12, '2027-02-28'],
  ['2026-12-15', 1, '2027-01-15'],
])('%s + %i months is the same day number or the last day: %s', (date, months, result) =>
  expect(addMonths(date, months)).toBe(result),
);

test('days count across months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(dateOfDay(dayNumber('2024-02-29'))).toBe('2024-02-29');
  expect(dayNumber('1970-01-01')).toBe(0);
  expect(endOfMonth('2024-02-10')).toBe('2024-02-29');
  expect(monthsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
});

test.each([
  ['2026-01-15', 'fiscal_year', 2, '2025-02-01'],
  ['2026-02-01', 'fiscal_year', 2, '2026-02-01'],
  ['2026-01-15', 'quarter', 2, '2025-11-01'],
  ['2026-05-31', 'quarter', 1, '2026-04-01'],
  ['2026-05-31', 'month', 7, '2026-05-01'],
  ['2026-05-31', 'lifetime', 1, ''],
] as const)('%s lies in the %s (year starts in month %i) of %s', (date, per, start, result) =>
  expect(periodStart(date, per, start)).toBe(result),
);
