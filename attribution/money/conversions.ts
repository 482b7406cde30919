// Every conversion into the reporting currency that a run used, numbered, so that each row can name its rate by an integer.
import type { DayNumber } from '../../core/month.ts';
import { type Conversion, convert, type FxTable } from './fx.ts';

/** `fx_index` of an amount that no rate converts. */
export const NO_RATE = -1;

export type UsedConversion = Conversion & { readonly fx_index: number; readonly from_currency: string };

export interface Conversions {
  /** The number of the conversion for a currency on a day; NO_RATE where nothing serves. */
  find(currency_index: number, day: DayNumber): number;
  /** Minor units of the reporting currency, half-even; undefined for NO_RATE and for what is beyond 64 bits. */
  apply(fx_index: number, currency_index: number, amount_minor: bigint): bigint | undefined;
  used(): readonly UsedConversion[];
}

/** `currencies` by currency_index. */
export function conversionsInto(reporting_currency: string, currencies: readonly string[], fx: FxTable): Conversions {
  const numbers = new Map<number, number>();
  const used: UsedConversion[] = [];
  const add = (currency_index: number, day: DayNumber): number => {
    const from_currency = currencies[currency_index]!;
    const conversion = fx.find(from_currency, reporting_currency, day);
    if (!conversion) return NO_RATE;
    return used.push({ ...conversion, fx_index: used.length, from_currency }) - 1;
  };
  return {
    find(currency_index, day) {
      const key = currencies[currency_index] === reporting_currency ? -1 : day * currencies.length + currency_index;
      return numbers.getOrInsertComputed(key, () => add(currency_index, day));
    },
    apply(fx_index, currency_index, amount_minor) {
      if (fx_index === NO_RATE) return undefined;
      const conversion = used[fx_index]!;
      if (conversion.route === 'same') return amount_minor;
      return convert(amount_minor, currencies[currency_index]!, reporting_currency, conversion.rate);
    },
    used: () => used,
  };
}
