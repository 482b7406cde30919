// FX: look-up order, age, ties, policies, and the one half-even rounding.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convert, fxTable, type RateRow, rateDay } from '../../../attribution/money/fx.ts';
import { dayNumber } from '../../../core/month.ts';

const day = dayNumber('2026-03-10');
const settings = { reporting_currency: 'USD', max_age_days: 7 };

function rate(pair: string, value: string, age = 0, provider = 'ecb'): RateRow {
  const [base_currency = '', quote_currency = ''] = pair.split('/');
  return { rate_day: day - age, base_currency, quote_currency, rate: value, provider };
}

function worth(rows: RateRow[], from: string, to: string, amount: bigint): bigint | undefined {
  const found = fxTable(rows, settings).find(from, to, day);
  return found && convert(amount, from, to, found.rate);
}

describe('look-up (fine-print 18)', () => {
  test('one currency converts to itself without a rate', () => {
    expect(worth([], 'USD', 'USD', 123n)).toBe(123n);
  });

  test('the latest direct rate within max_age_days, also where an inverse is younger', () => {
    const rows = [rate('EUR/USD', '1.10', 5), rate('EUR/USD', '1.20', 3), rate('USD/EUR', '0.50', 0)];
    expect(worth(rows, 'EUR', 'USD', 10_000n)).toBe(12_000n);
  });

  test('a rate of max_age_days serves, one day more does not', () => {
    expect(worth([rate('EUR/USD', '1.10', 7)], 'EUR', 'USD', 100n)).toBe(110n);
    expect(worth([rate('EUR/USD', '1.10', 8)], 'EUR', 'USD', 100n)).toBeUndefined();
  });

  test('a rate after the day does not serve', () => {
    expect(worth([rate('EUR/USD', '1.10', -1)], 'EUR', 'USD', 100n)).toBeUndefined();
  });

  test('without a direct rate, the inverse, exactly', () => {
    expect(worth([rate('USD/EUR', '0.3')], 'EUR', 'USD', 30_000n)).toBe(100_000n);
  });

  test('without either, a cross over the reporting currency before any other pivot', () => {
    const rows = [rate('CHF/USD', '1.2'), rate('EUR/USD', '1.5'), rate('CHF/AUD', '9'), rate('AUD/EUR', '9')];
    expect(worth(rows, 'CHF', 'EUR', 1000n)).toBe(800n);
    expect(worth(rows.slice(2), 'CHF', 'EUR', 1000n)).toBe(81_000n);
  });

  test('without the reporting currency, the pivot of the lowest code', () => {
    const rows = ['JPY', 'AUD', 'CAD'].flatMap((pivot, index) => [
      rate(`CHF/${pivot}`, `${index + 2}`),
      rate(`${pivot}/EUR`, '1'),
    ]);
    expect(fxTable(rows, settings).find('CHF', 'EUR', day)?.rate).toEqual({ numerator: 3n, denominator: 1n });
  });

  test('both legs of a cross are of one provider and day', () => {
    expect(worth([rate('CHF/USD', '1.2', 1), rate('EUR/USD', '1.5', 0)], 'CHF', 'EUR', 1000n)).toBeUndefined();
    expect(
      worth([rate('CHF/USD', '1.2', 0, 'a'), rate('EUR/USD', '1.5', 0, 'b')], 'CHF', 'EUR', 1000n),
    ).toBeUndefined();
  });

  test('of one day, the lower provider name; a blank one is the lowest', () => {
    const rows = [rate('EUR/USD', '1.3', 0, 'fed'), rate('EUR/USD', '1.2', 0, 'ecb')];
    expect(worth(rows, 'EUR', 'USD', 100n)).toBe(120n);
    expect(worth([...rows, rate('EUR/USD', '1.1', 0, '')], 'EUR', 'USD', 100n)).toBe(110n);
  });

  test('the order of the rates is irrelevant', () => {
    const rows = [0, 1, 2].flatMap((age) => ['a', 'b'].map((provider) => rate('EUR/USD', `1.${age}1`, age, provider)));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(fxTable(shuffled, settings).find('EUR', 'USD', day)).toEqual(
          fxTable(rows, settings).find('EUR', 'USD', day),
        );
      }),
    );
  });
});

describe('conversion', () => {
  test('minor units follow both exponents: JPY 0, USD 2, KWD 3', () => {
    expect(worth([rate('JPY/USD', '0.007')], 'JPY', 'USD', 10_000n)).toBe(7_000n);
    expect(worth([rate('KWD/USD', '3.25')], 'KWD', 'USD', 1_000n)).toBe(325n);
    expect(worth([rate('USD/KWD', '0.3')], 'USD', 'KWD', 100n)).toBe(300n);
  });

  test('halves go to the even unit, of negative amounts too', () => {
    const half = { numerator: 1n, denominator: 2n };
    expect([1n, 3n, 5n, -1n, -3n].map((amount) => convert(amount, 'USD', 'EUR', half))).toEqual([0n, 2n, 2n, 0n, -2n]);
  });

  test('what does not fit into 64 bits is not converted', () => {
    const one = { numerator: 1n, denominator: 1n };
    const largest = 2n ** 63n - 1n;
    expect(
      [largest, largest + 1n, -largest - 1n, -largest - 2n].map((amount) => convert(amount, 'USD', 'EUR', one)),
    ).toEqual([largest, undefined, -largest - 1n, undefined]);
  });

  test('GBP 1,000 × 10 % booked at 1.22 is USD 122.00 (ground-truth 12)', () => {
    expect(worth([rate('GBP/USD', '1.22')], 'GBP', 'USD', 10_000n)).toBe(12_200n);
  });
});

describe('the day whose rate counts', () => {
  const event = { event_day: dayNumber('2026-02-10'), close_day: dayNumber('2026-01-05'), as_of_day: day };

  test('payment_date is the event’s own day', () => {
    expect(rateDay('payment_date', event)).toBe(event.event_day);
  });

  test('booking_date is the close of the won deal, else the event’s own day', () => {
    expect(rateDay('booking_date', event)).toBe(event.close_day);
    expect(rateDay('booking_date', { ...event, close_day: undefined })).toBe(event.event_day);
  });

  test('month_end is the last day of the event’s month, or as_of where the month is not over', () => {
    expect(rateDay('month_end', event)).toBe(dayNumber('2026-02-28'));
    expect(rateDay('month_end', { ...event, event_day: dayNumber('2026-03-02') })).toBe(day);
  });
});
