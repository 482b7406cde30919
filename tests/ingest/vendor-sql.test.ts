// Vendors' spellings of money and time, by real DuckDB.
import { describe, expect, test } from 'vitest';
import { literal } from '../../core/sql.ts';
import { amountOfMinor, instantOfMilliseconds, instantOfSeconds } from '../../ingest/vendor-sql.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';

const warehouse = await openWarehouse(':memory:');
async function value(expression: string): Promise<string> {
  const [row] = await warehouse.rows<{ value: string }>(`SELECT ${expression} AS value`);
  return row!.value;
}

describe('minor units', () => {
  const exponents = { ISK: 2, UGX: 2 };
  test.each([
    ['123450', 'usd', '1234.50'],
    ['5', 'usd', '0.05'],
    ['-5', 'usd', '-0.05'],
    ['0', 'usd', '0.00'],
    ['000', 'usd', '0.00'],
    ['500', 'jpy', '500'],
    ['-500', 'JPY', '-500'],
    ['12345', 'kwd', '12.345'],
    ['100000', 'isk', '1000'],
    ['100050', 'isk', '1000.50'],
    ['999999999999999999', 'usd', '9999999999999999.99'],
    ['12.5', 'usd', 'no whole number of minor units: 12.5'],
    ['abc', 'usd', 'abc'],
  ])('%s %s is %s', async (amount, currency, expected) => {
    expect(await value(amountOfMinor(literal(amount), literal(currency), { exponents }))).toBe(expected);
  });

  test('no amount stays none', async () => {
    expect(await value(amountOfMinor('NULL::VARCHAR', `'usd'`))).toBeNull();
  });
});

test.each([
  [instantOfSeconds(`'1767225600'`), '2026-01-01T00:00:00Z'],
  [instantOfMilliseconds(`'1767225600123'`), '2026-01-01T00:00:00.123Z'],
  [instantOfSeconds(`'yesterday'`), 'yesterday'],
  [instantOfSeconds('NULL::VARCHAR'), null],
])('epoch time %#', async (expression, expected) => {
  expect(await value(expression)).toBe(expected);
});
