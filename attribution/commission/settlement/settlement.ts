// What is due and what was paid: releases and payouts of a partner in one currency, split so that a partner is never owed and
// owing at once (domain.md §9, fine-print 29). Pure; days and minor units.
import { smaller } from '../../../core/money.ts';
import type { DayNumber } from '../../../core/month.ts';
import type { Account } from '../books-port.ts';

/** Money that becomes due (`release`; negative when what was due is taken back) or is paid out (`payout`). */
export interface Settlement {
  readonly kind: 'release' | 'payout';
  /** The payout, or what was released. */
  readonly id: string;
  readonly day: DayNumber;
  readonly amount_minor: bigint;
}

/** One movement between two accounts; a negative amount goes the other way. */
export interface Transfer<Movement extends Settlement = Settlement> {
  readonly movement: Movement;
  readonly from: Account;
  readonly to: Account;
  readonly amount_minor: bigint;
}

/** The balance of settlement: payable where positive, recoverable where negative. */
interface Balance {
  payable_minor: bigint;
  recoverable_minor: bigint;
}

/**
 * Releases before payouts of one day, then by id. A release first fills what is recoverable; a payout above what is payable
 * makes the rest recoverable. The result depends on the movements alone, not on the order in which they arrived.
 */
export function settlePartner<Movement extends Settlement>(movements: readonly Movement[]): Transfer<Movement>[] {
  const balance: Balance = { payable_minor: 0n, recoverable_minor: 0n };
  return [...movements].sort(inOrder).flatMap((movement) => {
    const { kind, amount_minor } = movement;
    const due = kind === 'release' ? amount_minor : -amount_minor;
    const parts = due >= 0n ? takeIn(balance, due) : takeOut(balance, -due);
    const transfer = (account: Account, part: bigint): Transfer<Movement>[] => {
      if (part === 0n) return [];
      return kind === 'release'
        ? [{ movement, from: 'accrued', to: account, amount_minor: part }]
        : [{ movement, from: account, to: 'cash', amount_minor: -part }];
    };
    return [...transfer('payable', parts.payable_minor), ...transfer('recoverable', parts.recoverable_minor)];
  });
}

/** What is recoverable still of each payout, by its id: what comes in fills the oldest first. Transfers of one partner, in order. */
export function excessOf(transfers: readonly Transfer[]): ReadonlyMap<string, bigint> {
  const open: { readonly id: string | null; amount_minor: bigint }[] = [];
  for (const { movement, from, to, amount_minor } of transfers) {
    if (from === 'recoverable') open.push({ id: movement.id, amount_minor });
    else if (to === 'recoverable' && amount_minor < 0n) open.push({ id: null, amount_minor: -amount_minor });
    else if (to === 'recoverable') fill(open, amount_minor);
  }
  return new Map(open.flatMap(({ id, amount_minor }) => (id === null ? [] : [[id, amount_minor]])));
}

function fill(open: { amount_minor: bigint }[], amount_minor: bigint): void {
  let left = amount_minor;
  while (open[0] && left > 0n) {
    const part = smaller(left, open[0].amount_minor);
    open[0].amount_minor -= part;
    left -= part;
    if (open[0].amount_minor === 0n) open.shift();
  }
}

/** What comes in lowers the recoverable first. */
function takeIn(balance: Balance, due_minor: bigint): Balance {
  const filled = smaller(due_minor, balance.recoverable_minor);
  balance.recoverable_minor -= filled;
  balance.payable_minor += due_minor - filled;
  return { payable_minor: due_minor - filled, recoverable_minor: filled };
}

/** What goes out lowers the payable first. */
function takeOut(balance: Balance, out_minor: bigint): Balance {
  const covered = smaller(out_minor, balance.payable_minor);
  balance.payable_minor -= covered;
  balance.recoverable_minor += out_minor - covered;
  return { payable_minor: -covered, recoverable_minor: -(out_minor - covered) };
}

function inOrder(left: Settlement, right: Settlement): number {
  if (left.day !== right.day) return left.day - right.day;
  if (left.kind !== right.kind) return left.kind === 'release' ? -1 : 1;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}
