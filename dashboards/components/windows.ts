// Revenue under other windows as pages use it: one entry per window, a month's figures and those of the twelve up to it.
import type { WindowRow } from './answers.js';
import type { Money } from './format.js';
import { sum } from './money.js';

/** What partners sourced and influenced under one window. */
export interface WindowRevenue {
  readonly window_days: number;
  readonly is_configured: boolean;
  readonly sourced: Money | undefined;
  readonly influenced: Money | undefined;
  readonly month: WindowRow | undefined;
  /** The months added up, oldest first. */
  readonly months: readonly WindowRow[];
}

/** One entry per window, the shortest first; the own windows stand before the same number of days. */
export function byWindow(rows: readonly WindowRow[], month: string): WindowRevenue[] {
  return [...Map.groupBy(rows, ({ window_days, is_configured }) => `${window_days}/${is_configured}`).values()]
    .map((months) => ({
      window_days: months[0]!.window_days,
      is_configured: months[0]!.is_configured,
      sourced: sum(months.map((row) => row.reporting_sourced)),
      influenced: sum(months.map((row) => row.reporting_influenced_distinct)),
      month: months.find((row) => row.month === month),
      months,
    }))
    .sort(
      (left, right) => left.window_days - right.window_days || Number(right.is_configured) - Number(left.is_configured),
    );
}
