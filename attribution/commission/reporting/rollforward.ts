// The roll-forward of what is owed, per partner and currency, month by month, with its twins in the reporting currency
// (domain.md §9, fine-print 28). Pure: movements come in, rows go out.

/** What the entries of one month did, in minor units; native, then in the reporting currency. */
export interface MonthMovement {
  /** YYYY-MM. */
  readonly month: string;
  readonly native: Movement;
  readonly reporting: Movement;
  /** Changes of the balances, native only: the reporting balances are remeasured. */
  readonly balances: Balances;
}

export const movementNames = ['accrued', 'clawed_back', 'true_up', 'prior_period', 'written_off', 'paid'] as const;
export type Movement = Readonly<Record<(typeof movementNames)[number], bigint>>;

export const balanceNames = ['accrued', 'payable', 'disputed', 'recoverable'] as const;
export type Balances = Readonly<Record<(typeof balanceNames)[number], bigint>>;

/** One month of the roll-forward. */
export interface LiabilityRow {
  readonly month: string;
  readonly opening: bigint;
  readonly movement: Movement;
  readonly closing: bigint;
  readonly balances: Balances;
  readonly reporting_opening: bigint;
  readonly reporting_movement: Movement;
  /** What month end's rate makes of the closing beyond what was booked at the rates of the movements. */
  readonly fx: bigint;
  readonly reporting_closing: bigint;
  readonly reporting_balances: Balances;
}

const none: Movement = { accrued: 0n, clawed_back: 0n, true_up: 0n, prior_period: 0n, written_off: 0n, paid: 0n };
const nothing: Balances = { accrued: 0n, payable: 0n, disputed: 0n, recoverable: 0n };

/**
 * A row for each of `months` (ascending, from the first movement on). `remeasure` converts a balance at the end of a month;
 * undefined where no rate serves: then the booked twin is carried on and no FX line arises.
 */
export function rollForward(
  movements: readonly MonthMovement[],
  months: readonly string[],
  remeasure: (amount_minor: bigint, month: string) => bigint | undefined,
): LiabilityRow[] {
  const byMonth = new Map(movements.map((movement) => [movement.month, movement]));
  const rows: LiabilityRow[] = [];
  for (const month of months) {
    const before = rows.at(-1);
    const { native = none, reporting = none, balances: change = nothing } = byMonth.get(month) ?? {};
    const balances = sum(before?.balances ?? nothing, change);
    const opening = before?.closing ?? 0n;
    const reporting_opening = before?.reporting_closing ?? 0n;
    const closing = opening + effectOf(native);
    const booked = reporting_opening + effectOf(reporting);
    const reporting_closing = remeasure(closing, month) ?? booked;
    rows.push({
      month,
      opening,
      movement: native,
      closing,
      balances,
      reporting_opening,
      reporting_movement: reporting,
      fx: reporting_closing - booked,
      reporting_closing,
      reporting_balances: remeasured(balances, reporting_closing, (amount) => remeasure(amount, month)),
    });
  }
  return rows;
}

/** opening + accrued − clawed back + true-up + prior period − written off − paid = closing. */
export function effectOf({ accrued, clawed_back, true_up, prior_period, written_off, paid }: Movement): bigint {
  return accrued - clawed_back + true_up + prior_period - written_off - paid;
}

function sum(left: Balances, right: Balances): Balances {
  return {
    accrued: left.accrued + right.accrued,
    payable: left.payable + right.payable,
    disputed: left.disputed + right.disputed,
    recoverable: left.recoverable + right.recoverable,
  };
}

/** Each balance at month end's rate; the first one takes the rounding, so that they add up to the closing. */
function remeasured(
  balances: Balances,
  closing: bigint,
  remeasure: (amount_minor: bigint) => bigint | undefined,
): Balances {
  const payable = remeasure(balances.payable);
  const disputed = remeasure(balances.disputed);
  const recoverable = remeasure(balances.recoverable);
  if (payable === undefined || disputed === undefined || recoverable === undefined)
    return { ...nothing, accrued: closing };
  return { accrued: closing - payable - disputed + recoverable, payable, disputed, recoverable };
}
