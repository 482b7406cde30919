// Exchange rates as exact fractions, and the one conversion of a money event (fine-print 18). Pure: rates come in as rows.
import { exponentOf } from '../../core/currency.ts';
import { divideHalfEven, parseDecimal, type Rational } from '../../core/money.ts';
import { type DayNumber, dateOfDay, dayNumber, endOfMonth } from '../../core/month.ts';

/** One published rate: units of `quote_currency` for one unit of `base_currency`, as decimal text. */
export type RateRow = {
  readonly rate_day: DayNumber;
  readonly base_currency: string;
  readonly quote_currency: string;
  readonly rate: string;
  /** Blank where the source names none. */
  readonly provider: string;
};

/** A rate that was found, with the day and provider it is of. */
export type Conversion = {
  readonly rate: Rational;
  readonly rate_day: DayNumber;
  readonly provider: string;
  readonly route: 'same' | 'direct' | 'inverse' | 'cross';
};

export type FxRateDate = 'payment_date' | 'booking_date' | 'month_end';

type Quote = { readonly provider: string; readonly rate: Rational };
/** Rates of one ordered pair: by day, lowest provider first. */
type Series = ReadonlyMap<DayNumber, readonly Quote[]>;

export interface FxTable {
  /** The rate from one currency to another for a day, or undefined when nothing within `max_age_days` serves. */
  find(from: string, to: string, day: DayNumber): Conversion | undefined;
}

const SAME: Omit<Conversion, 'rate_day'> = {
  rate: { numerator: 1n, denominator: 1n },
  provider: '',
  route: 'same',
};

/** Indexes rates for look-up; the answer does not depend on the order of `rows`. Rows with a rate ≤ 0 never get here. */
export function fxTable(
  rows: readonly RateRow[],
  { reporting_currency, max_age_days }: { reporting_currency: string; max_age_days: number },
): FxTable {
  const series = indexRates(rows);
  const pivots = pivotOrder(rows, reporting_currency);
  const found = new Map<string, Conversion | undefined>();
  const search = (from: string, to: string, day: DayNumber): Conversion | undefined => {
    if (from === to) return { ...SAME, rate_day: day };
    const days = lookBack(day, max_age_days);
    return direct(series, from, to, days) ?? inverse(series, from, to, days) ?? cross(series, pivots, from, to, days);
  };
  return {
    find(from, to, day) {
      return found.getOrInsertComputed(`${from}${to}${day}`, () => search(from, to, day));
    },
  };
}

/**
 * Minor units of one currency → minor units of another at a rate between major units, rounded half to even, once.
 * Undefined where the result is beyond 64 bits.
 */
export function convert(
  amount_minor: bigint,
  from: string,
  to: string,
  { numerator, denominator }: Rational,
): bigint | undefined {
  const shift = exponent(to) - exponent(from);
  const up = shift > 0 ? 10n ** BigInt(shift) : 1n;
  const down = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const converted = divideHalfEven(amount_minor * numerator * up, denominator * down);
  return BigInt.asIntN(64, converted) === converted ? converted : undefined;
}

/**
 * The day whose rate converts an event (fine-print 18). `close_day` is the won deal's close, undefined where there is none;
 * `as_of_day` bounds the end of a month that is not over.
 */
export function rateDay(
  policy: FxRateDate,
  event: { readonly event_day: DayNumber; readonly close_day: DayNumber | undefined; readonly as_of_day: DayNumber },
): DayNumber {
  if (policy === 'payment_date') return event.event_day;
  if (policy === 'booking_date') return event.close_day ?? event.event_day;
  return Math.min(dayNumber(endOfMonth(dateOfDay(event.event_day))), event.as_of_day);
}

function indexRates(rows: readonly RateRow[]): ReadonlyMap<string, Series> {
  const series = new Map<string, Map<DayNumber, Quote[]>>();
  for (const row of rows) {
    const days = series.getOrInsertComputed(
      pair(row.base_currency, row.quote_currency),
      () => new Map<DayNumber, Quote[]>(),
    );
    const quotes = days.getOrInsertComputed(row.rate_day, () => []);
    quotes.push({ provider: row.provider, rate: parseDecimal(row.rate) });
  }
  for (const days of series.values()) for (const quotes of days.values()) quotes.sort(byProvider);
  return series;
}

/** The reporting currency first, then the others by code. */
function pivotOrder(rows: readonly RateRow[], reporting_currency: string): string[] {
  const codes = new Set(rows.flatMap(({ base_currency, quote_currency }) => [base_currency, quote_currency]));
  codes.delete(reporting_currency);
  return [reporting_currency, ...[...codes].sort()];
}

function direct(series: ReadonlyMap<string, Series>, from: string, to: string, days: readonly DayNumber[]) {
  const rates = series.get(pair(from, to));
  for (const rate_day of rates ? days : []) {
    const quote = rates!.get(rate_day)?.[0];
    if (quote) return { ...quote, rate_day, route: 'direct' } as const;
  }
  return undefined;
}

function inverse(series: ReadonlyMap<string, Series>, from: string, to: string, days: readonly DayNumber[]) {
  const found = direct(series, to, from, days);
  return found && ({ ...found, rate: invert(found.rate), route: 'inverse' } as const);
}

/** The latest pair of legs over one pivot, both of one provider and day; the first pivot that has any decides. */
function cross(
  series: ReadonlyMap<string, Series>,
  pivots: readonly string[],
  from: string,
  to: string,
  days: readonly DayNumber[],
): Conversion | undefined {
  for (const pivot of pivots.filter((code) => code !== from && code !== to))
    for (const rate_day of days) {
      const first = legs(series, from, pivot, rate_day);
      const second = legs(series, pivot, to, rate_day);
      const quote = first.find(({ provider }) => second.some((leg) => leg.provider === provider));
      if (!quote) continue;
      const other = second.find(({ provider }) => provider === quote.provider)!;
      return { rate: multiply(quote.rate, other.rate), rate_day, provider: quote.provider, route: 'cross' };
    }
  return undefined;
}

/** Every provider's rate of one day between two currencies, direct before inverse, lowest provider first. */
function legs(series: ReadonlyMap<string, Series>, from: string, to: string, day: DayNumber): Quote[] {
  const straight = series.get(pair(from, to))?.get(day) ?? [];
  const turned = (series.get(pair(to, from))?.get(day) ?? []).map(({ provider, rate }) => ({
    provider,
    rate: invert(rate),
  }));
  return [...straight, ...turned].sort(byProvider);
}

function lookBack(day: DayNumber, max_age_days: number): DayNumber[] {
  return Array.from({ length: max_age_days + 1 }, (_, age) => day - age);
}

function multiply(left: Rational, right: Rational): Rational {
  return {
    numerator: left.numerator * right.numerator,
    denominator: left.denominator * right.denominator,
  };
}

function invert({ numerator, denominator }: Rational): Rational {
  return { numerator: denominator, denominator: numerator };
}

function byProvider(left: Quote, right: Quote): number {
  return left.provider < right.provider ? -1 : left.provider > right.provider ? 1 : 0;
}

function pair(base: string, quote: string): string {
  return `${base}/${quote}`;
}

function exponent(currency: string): number {
  const digits = exponentOf(currency);
  if (digits === undefined) throw new Error(`fx: ${currency} is not a currency of ISO 4217`);
  return digits;
}
