// The fixed frame of the sandbox company: its clock, size and price list. Everything else is drawn inside this frame.
import { addMonths, type Day, dayOfDate, type Moment, weekday } from './calendar.ts';

export const companyName = 'Corvane';
export const sourceName = 'sheets';
export const defaultAsOf = '2026-11-02T06:00:00Z';
export const defaultSeed = 24;

export const sizes = {
  S: { accounts: 820, partners: 46 },
  M: { accounts: 82_000, partners: 320 },
  L: { accounts: 820_000, partners: 1_200 },
} as const;
export type Size = keyof typeof sizes;
/** How many accounts and partners; a named size or figures of one's own. About 1.2 deals come from an account. */
export type Extent = { readonly accounts: number; readonly partners: number };

export type Setting = {
  readonly seed: number;
  readonly accounts: number;
  readonly partners: number;
  readonly asOf: string;
  /** The last local day with records: the day before the business clock. */
  readonly lastDay: Day;
  /** The last weekday with records. */
  readonly lastWorkday: Day;
  /** First day of the 24 complete months before the business clock. */
  readonly firstDay: Day;
  /** First day that is no longer in the 24 complete months. */
  readonly endDay: Day;
  /** Nothing happens after this instant. */
  readonly now: Moment;
};

/** The frame for a business clock (RFC 3339, UTC) and a size. */
export function createSetting({ size, seed, asOf }: { size: Size | Extent; seed: number; asOf: string }): Setting {
  const now = Math.floor(Date.parse(asOf) / 1000);
  if (!Number.isFinite(now)) throw new Error(`asOf: expected an instant such as ${defaultAsOf}, got ${asOf}`);
  const local = new Date((now - 5 * 3600) * 1000);
  const today = dayOfDate(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate());
  const endDay = today - local.getUTCDate() + 1;
  const lastWorkday = today - 1 - Math.max(0, weekday(today - 1) - 4);
  const extent = typeof size === 'string' ? sizes[size] : size;
  return { seed, ...extent, asOf, now, lastDay: today - 1, lastWorkday, endDay, firstDay: addMonths(endDay, -24) };
}

/** Sourcing windows, in days; the same figures stand in the workspace's sourced.yaml. */
export const windows = { lookback: 180, protection: 90, grace: 2, lead: 90, carryMonths: 12 } as const;

export type Currency = 'USD' | 'EUR';
export type ProductName = 'platform' | 'insights' | 'automate' | 'usage' | 'services';

/** Monthly price of a seat in minor units. Each is a multiple of four, so that every quarter of an invoice is whole. */
export const seatPrices = { platform: 3596n, insights: 1196n, automate: 1892n } as const;
