// When earnings become due: approved and past their hold, less what was taken back; disputed parts wait (domain.md §9,
// fine-print 29). Pure; one call an invoice (or booked deal) of one partner and currency.
import { atLeastZero, smaller } from '../../../core/money.ts';
import type { DayNumber } from '../../../core/month.ts';

/** An amount that counts from a day on. Minor units, signed. */
export interface Dated {
  readonly day: DayNumber;
  readonly amount_minor: bigint;
}

export interface Earned {
  /** Accruals and true-ups. */
  readonly earned: readonly Dated[];
  /** Clawbacks, as they fall: negative on an ordinary line. */
  readonly clawed: readonly Dated[];
  /** Earned amounts that are approved and past their hold from a day on; negative where that ends (a dispute). */
  readonly approved: readonly Dated[];
  /** Earned amounts that are in dispute from a day on; negative where the dispute ends. */
  readonly disputed: readonly Dated[];
}

export interface Steps {
  /** accrued → due, by day; negative when what was due is taken back. */
  readonly releases: readonly Dated[];
  /** accrued → disputed, by day; negative when the dispute ends. */
  readonly disputes: readonly Dated[];
}

/**
 * A clawback first lowers what is not due yet, then what is; what waits is never more than what the invoice still earns, so
 * that a discount line alone makes nobody a debtor; a dispute holds some of what waits, and never less than nothing. The split depends on what happened, not on when it was learned.
 */
export function releaseSteps({ earned, clawed, approved, disputed }: Earned): Steps {
  const days = [...new Set([earned, clawed, approved, disputed].flat().map(({ day }) => day))].sort((a, b) => a - b);
  const releases: Dated[] = [];
  const disputes: Dated[] = [];
  let released = 0n;
  let held = 0n;
  for (const day of days) {
    const waiting = sumUntil(earned, day) - sumUntil(approved, day);
    const taken = -sumUntil(clawed, day);
    const owed = sumUntil(earned, day) - taken;
    const open = between(waiting - atLeastZero(smaller(taken, atLeastZero(waiting))), owed);
    const due = owed - open;
    const inDispute = smaller(atLeastZero(sumUntil(disputed, day)), atLeastZero(open));
    if (due !== released) releases.push({ day, amount_minor: due - released });
    if (inDispute !== held) disputes.push({ day, amount_minor: inDispute - held });
    released = due;
    held = inDispute;
  }
  return { releases, disputes };
}

function sumUntil(amounts: readonly Dated[], day: DayNumber): bigint {
  return amounts.reduce((sum, dated) => (dated.day <= day ? sum + dated.amount_minor : sum), 0n);
}

/** The amount, brought between zero and a bound of either sign. */
function between(amount: bigint, bound: bigint): bigint {
  return bound >= 0n ? smaller(atLeastZero(amount), bound) : -smaller(atLeastZero(-amount), -bound);
}
