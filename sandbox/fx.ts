// Daily EUR→USD rates of the central bank (working days only) and the conversions that the company's truth needs.
import { divideHalfEven, parseDecimal, type Rational } from '../core/money.ts';
import { type Day, dayOfDate, toDate, weekday } from './calendar.ts';
import { createRandom } from './random.ts';
import type { Currency, Setting } from './setting.ts';
import type { Sheets } from './writers.ts';

const RATES_FROM = dayOfDate(2023, 1, 2);
const STREAM_FX = 0x7fff0001;

export type Rates = {
  /** Minor units of `from` on a day in minor units of `to`, rounded half to even, at the last published rate. */
  convert(amount: bigint, from: Currency, to: Currency, day: Day): bigint;
};

/** Draws the rates and writes them; weekends have none, so that the last working day's rate stands. */
export function writeRates(setting: Setting, sheets: Sheets): Rates {
  const random = createRandom(setting.seed, STREAM_FX);
  const published: Rational[] = [];
  let rate = 1.07;
  for (let day = RATES_FROM; day <= setting.lastDay; day++) {
    if (weekday(day) < 5) {
      rate += random.normal() * 0.0034 + (1.09 - rate) * 0.012;
      const text = rate.toFixed(4);
      sheets.write('fx_rates', {
        rate_date: toDate(day),
        base_currency: 'EUR',
        quote_currency: 'USD',
        rate: text,
        provider: 'ecb',
      });
      published[day - RATES_FROM] = parseDecimal(text);
    } else published[day - RATES_FROM] = published[day - RATES_FROM - 1]!;
  }
  return {
    convert(amount, from, to, day) {
      if (from === to || amount === 0n) return amount;
      const { numerator, denominator } = published[day - RATES_FROM]!;
      return from === 'EUR'
        ? divideHalfEven(amount * numerator, denominator)
        : divideHalfEven(amount * denominator, numerator);
    },
  };
}
