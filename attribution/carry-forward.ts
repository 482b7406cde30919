// Deals without evidence of their own inherit the partner of the account's latest won, self-sourced deal (fine-print 11).
import { addMonths, type DayNumber, dateOfDay, dayNumber } from '../core/month.ts';
import type { PartnerFacts } from './sourcing.ts';

/** All deals by `deal_index` (which is the order of their ids), one array for each fact. */
export interface CarryDeals {
  readonly count: number;
  /** −1: the account is not known. */
  readonly account_index: Int32Array;
  /** −Infinity or lower than every close where the creation is not known. */
  readonly created_upper_us: Float64Array;
  readonly created_us: Float64Array;
  readonly created_day: Int32Array;
  readonly closed_us: Float64Array;
  readonly closed_day: Int32Array;
  readonly is_won: Int32Array;
  /** The partner that the deal's own evidence names; −1 for none. */
  readonly own_party: Int32Array;
}

/**
 * The origin (a deal index) that each deal without evidence inherits from; −1 for none. Only a deal sourced by its own
 * evidence is an origin, so nothing chains.
 */
export function carryForward(
  deals: CarryDeals,
  partners: readonly PartnerFacts[],
  carry_months: number | null,
): Int32Array {
  const origins = new Int32Array(deals.count).fill(-1);
  const candidates = originsByAccount(deals);
  const horizon = carryHorizon(carry_months);
  for (let deal = 0; deal < deals.count; deal++) {
    if (deals.own_party[deal] !== -1) continue;
    const origin = latestBy(candidates.get(deals.account_index[deal]!), deals.closed_us, deals.created_upper_us[deal]!);
    if (origin === -1) continue;
    const partner = partners[deals.own_party[origin]!]!;
    if (deals.created_day[deal]! >= horizon(deals.closed_day[origin]!)) continue;
    if (partner.ended_upper_us !== null && deals.created_us[deal]! > partner.ended_upper_us) continue;
    if (partner.own_accounts.has(deals.account_index[deal]!)) continue;
    origins[deal] = origin;
  }
  return origins;
}

/** Won deals sourced by their own evidence, per account, by close; of two that closed together the lower id comes last. */
function originsByAccount(deals: CarryDeals): Map<number, number[]> {
  const byAccount = new Map<number, number[]>();
  for (let deal = deals.count - 1; deal >= 0; deal--) {
    if (deals.own_party[deal] === -1 || !deals.is_won[deal] || deals.account_index[deal] === -1) continue;
    const account = deals.account_index[deal]!;
    const list = byAccount.get(account);
    if (list) list.push(deal);
    else byAccount.set(account, [deal]);
  }
  for (const list of byAccount.values())
    if (list.length > 1) list.sort((left, right) => deals.closed_us[left]! - deals.closed_us[right]! || right - left);
  return byAccount;
}

/** The last of the list that closed at or before an instant; −1 for none. */
function latestBy(list: readonly number[] | undefined, closed_us: Float64Array, instant_us: number): number {
  if (!list) return -1;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (closed_us[list[middle]!]! <= instant_us) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? -1 : list[low - 1]!;
}

/** The first day that is out of reach of an origin closed on a given day. Days repeat, so each is worked out once. */
function carryHorizon(carry_months: number | null): (closed_day: DayNumber) => DayNumber {
  if (carry_months === null) return () => Number.POSITIVE_INFINITY;
  const known = new Map<DayNumber, DayNumber>();
  return (closed_day) => {
    let day = known.get(closed_day);
    if (day === undefined) {
      day = dayNumber(addMonths(dateOfDay(closed_day), carry_months));
      known.set(closed_day, day);
    }
    return day;
  };
}
