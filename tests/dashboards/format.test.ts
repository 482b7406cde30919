// Text as pages show it.
import { expect, test } from 'vitest';
import { readable } from '../../dashboards/components/format.ts';

test.each([
  ['20 % of 100.00 paid on 2026-02-05, INV-1', '20 % of 100.00 paid on 5 Feb 2026, INV-1'],
  ['held until 2026-03-31', 'held until 31 Mar 2026'],
  ['Its statement of 2026-02', 'Its statement of February 2026'],
  ['effective 2026-01-31T23:30:00Z.', 'effective 1 Feb 2026, 00:30.'],
  ['earned -12.50', 'earned −12.50'],
  ['statement:crm:P-1:2026-02:USD', 'statement:crm:P-1:2026-02:USD'],
  ['liability/2026-02', 'liability/2026-02'],
  [
    'finance pays it: sourced export payouts --month 2026-09',
    'finance pays it: sourced export payouts --month 2026-09',
  ],
])('%s', (text, shown) => {
  expect(readable(text, 'Europe/Berlin').replaceAll('\u00a0', ' ')).toBe(shown);
});
