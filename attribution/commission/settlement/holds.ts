// What disputes hold back of one event's earnings: a disputed line in full, and of the rest the share that the payer disputes
// (domain.md §9, fine-print 20). Pure; nothing is held twice, however many disputes meet.
import type { DayNumber } from '../../../core/month.ts';
import { compare, fraction, one, plus, roundHalfEven, times, zero } from '../fraction.ts';
import type { Dated } from './release.ts';

/** From a day on, until the day it ends; null while it lasts. */
export interface Span {
  readonly from_day: DayNumber;
  readonly to_day: DayNumber | null;
}

/** A posted line of a statement; minor units, signed. */
export interface PostedLine {
  readonly entry_id: string;
  readonly amount_minor: bigint;
}

/** What is known of the earnings of one event on one invoice (or booked deal). */
export interface EventEarnings {
  /** Accruals and true-ups. */
  readonly earned: readonly Dated[];
  /** Lines that are approved and past their hold from a day on. */
  readonly approved: readonly (PostedLine & { readonly day: DayNumber })[];
  readonly line_disputes: readonly (PostedLine & Span)[];
  /** Of what the payer paid, the part in question; minor units, `paid_minor` positive. */
  readonly payer_disputes: readonly (Span & { readonly disputed_minor: bigint; readonly paid_minor: bigint })[];
}

/** Changes by day of what is approved and not held, and of what is held. */
export interface Held {
  readonly approved: readonly Dated[];
  readonly disputed: readonly Dated[];
}

/** By the days on which they change, in minor units: what is approved and free, and what is held. */
export function heldOf(event: EventEarnings): Held {
  const { earned, approved, line_disputes, payer_disputes } = event;
  const spans = [...line_disputes, ...payer_disputes];
  const days = new Set([
    ...[...earned, ...approved].map(({ day }) => day),
    ...spans.flatMap(({ from_day, to_day }) => (to_day === null ? [from_day] : [from_day, to_day])),
  ]);
  const inOrder = [...days].sort((left, right) => left - right);
  return {
    approved: changes(inOrder, (day) => approvedOn(event, day)),
    disputed: changes(inOrder, (day) => disputedOn(event, day)),
  };
}

function approvedOn({ approved, line_disputes, payer_disputes }: EventEarnings, day: DayNumber): bigint {
  const held = heldLines(line_disputes, day);
  const free = sum(approved.filter((line) => line.day <= day && !held.has(line.entry_id)));
  return free - payerPart(payer_disputes, day, free);
}

function disputedOn({ earned, line_disputes, payer_disputes }: EventEarnings, day: DayNumber): bigint {
  const lines = sum([...heldLines(line_disputes, day).values()]);
  return lines + payerPart(payer_disputes, day, sum(earned.filter((dated) => dated.day <= day)) - lines);
}

function heldLines(disputes: EventEarnings['line_disputes'], day: DayNumber): ReadonlyMap<string, PostedLine> {
  return new Map(disputes.filter((span) => lasts(span, day)).map((line) => [line.entry_id, line]));
}

/** Rounded half-even; never more than the payment's commission. */
function payerPart(disputes: EventEarnings['payer_disputes'], day: DayNumber, amount_minor: bigint): bigint {
  const share = disputes
    .filter((span) => lasts(span, day))
    .reduce((total, { disputed_minor, paid_minor }) => plus(total, fraction(disputed_minor, paid_minor)), zero);
  return compare(share, one) >= 0 ? amount_minor : roundHalfEven(times(fraction(amount_minor), share));
}

function lasts({ from_day, to_day }: Span, day: DayNumber): boolean {
  return from_day <= day && (to_day === null || day < to_day);
}

function sum(amounts: readonly { readonly amount_minor: bigint }[]): bigint {
  return amounts.reduce((total, { amount_minor }) => total + amount_minor, 0n);
}

function changes(days: readonly DayNumber[], amountOn: (day: DayNumber) => bigint): Dated[] {
  let before = 0n;
  return days.flatMap((day) => {
    const change = amountOn(day) - before;
    before += change;
    return change === 0n ? [] : [{ day, amount_minor: change }];
  });
}
