// Monthly revenue as pages use it: the rows of /v1/revenue/monthly added over currencies in the reporting currency.
import type { RevenueRow } from './answers.js';
import type { Money } from './format.js';
import { exponentOf, minor, sum, toMoney } from './money.js';

export interface MonthRevenue {
  readonly month: string;
  readonly total: Money;
  readonly sourced: Money;
  readonly influenced: Money;
  readonly involved: Money;
  readonly unlinked: Money;
}

/** One entry per month that has revenue, oldest first. */
export function byMonth(rows: readonly RevenueRow[]): MonthRevenue[] {
  return [...Map.groupBy(rows, ({ month }) => month)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([month, group]) => ({
      month,
      total: sum(group.map((row) => row.reporting_total)) as Money,
      sourced: sum(group.map((row) => row.reporting_sourced)) as Money,
      influenced: sum(group.map((row) => row.reporting_influenced_distinct)) as Money,
      involved: sum(group.map((row) => row.reporting_partner_involved)) as Money,
      unlinked: sum(group.map((row) => row.reporting_unlinked)) as Money,
    }));
}

/** The parts of a bar: sourced, influenced only, and the rest; together they are the total. */
export function parts({ total, sourced, involved }: MonthRevenue) {
  const like = (amount_minor: bigint) => toMoney(amount_minor, total.currency, exponentOf(total));
  return {
    sourced,
    influencedOnly: like(minor(involved) - minor(sourced)),
    other: like(minor(total) - minor(involved)),
  };
}
