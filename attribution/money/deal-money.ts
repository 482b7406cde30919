// Adds converted money events up per basis, month and currency: for one deal, or for one unlinked invoice. Pure.
import { type DayNumber, dateOfDay, dayNumber, monthOf } from '../../core/month.ts';
import { NO_RATE } from './conversions.ts';

/** One event's change, converted once. `basis` and `currency_index` as in types.ts; amounts are signed minor units. */
export type ConvertedMoney = {
  readonly basis: number;
  readonly day: DayNumber;
  readonly currency_index: number;
  readonly amount_minor: bigint;
  readonly reporting_amount_minor: bigint;
  readonly fx_index: number;
};

export type MonthMoney = {
  readonly basis: number;
  /** First day of the month. */
  readonly month_day: DayNumber;
  readonly currency_index: number;
  amount_minor: bigint;
  reporting_amount_minor: bigint;
  /** The native amount that no rate converts: shown in its own line, never in a converted total. */
  unconverted_minor: bigint;
};

export interface MoneyTotals {
  add(money: ConvertedMoney): void;
  /** The sums so far by (basis, month, currency), rows of nothing left out; then it starts again. */
  drain(): MonthMoney[];
}

/** Empty totals. Minor units; sums of one deal or invoice at a time. */
export function moneyTotals(): MoneyTotals {
  const months = monthDays();
  let totals: MonthMoney[] = [];
  return {
    add({ basis, day, currency_index, amount_minor, reporting_amount_minor, fx_index }) {
      const month_day = months(day);
      let total = totals.find(
        (row) => row.month_day === month_day && row.basis === basis && row.currency_index === currency_index,
      );
      if (!total) {
        total = {
          basis,
          month_day,
          currency_index,
          amount_minor: 0n,
          reporting_amount_minor: 0n,
          unconverted_minor: 0n,
        };
        totals.push(total);
      }
      total.amount_minor += amount_minor;
      total.reporting_amount_minor += reporting_amount_minor;
      if (fx_index === NO_RATE) total.unconverted_minor += amount_minor;
    },
    drain() {
      const rows = totals.filter((row) => row.amount_minor || row.reporting_amount_minor || row.unconverted_minor);
      totals = [];
      return rows.sort(
        (left, right) =>
          left.basis - right.basis || left.month_day - right.month_day || left.currency_index - right.currency_index,
      );
    },
  };
}

/** The first day of the month that holds a day; days repeat, so that each is worked out once. */
function monthDays(): (day: DayNumber) => DayNumber {
  const known = new Map<DayNumber, DayNumber>();
  const firstOf = (day: DayNumber) => dayNumber(`${monthOf(dateOfDay(day))}-01`);
  return (day) => known.getOrInsertComputed(day, firstOf);
}
