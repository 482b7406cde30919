// The fold of one invoice: its events in the order they act → what each changed on each line, on `invoiced` and `paid`
// (fine-print 19–21). Pure. Which events count (as_of, void, unsuccessful) was decided before; FX comes after.
import { atLeastZero, smaller } from '../../core/money.ts';
import { splitOverCells } from './split.ts';
import { type EventKind, eventKinds } from './types.ts';

/** What a line is worth: net and tax in minor units of the invoice's currency; negative for a discount line. */
export type InvoiceLine = { readonly net_minor: bigint; readonly tax_minor: bigint };

/** One event; `payment` tells payments of one invoice apart (any number ≥ 0), −1 where the event names only the invoice. */
export type InvoiceEvent = {
  readonly kind: EventKind;
  readonly amount_minor: bigint;
  readonly payment: number;
};

/** The change by one event on one basis: [net, tax] per line, in line order, tax cells at odd positions. */
export type CellChange = {
  /** Position of the event in the input. */
  readonly event: number;
  readonly basis: 'invoiced' | 'paid';
  readonly cells: readonly bigint[];
};

export type InvoiceFold = {
  readonly changes: readonly CellChange[];
  /** What customers paid beyond the invoice's total and did not get back: never revenue, an exception. */
  readonly overpaid_minor: bigint;
};

/** Receipts and returns of an invoice so far. */
type Receipts = {
  /** Succeeded payments, by payment. */
  readonly paid: Map<number, bigint>;
  readonly refunded: Map<number, bigint>;
  readonly disputed: Map<number, bigint>;
  credited: bigint;
};

const NO_PAYMENT = -1;

/**
 * Folds the events of one invoice, given in the order of `journeys.billing_event`. Lines are in the order of their ids.
 * A change that moves nothing is left out.
 */
export function foldInvoice(lines: readonly InvoiceLine[], events: readonly InvoiceEvent[]): InvoiceFold {
  const cells = lines.flatMap(({ net_minor, tax_minor }) => [net_minor, tax_minor]);
  const total = cells.reduce((sum, cell) => sum + cell, 0n);
  const receipts: Receipts = { paid: new Map(), refunded: new Map(), disputed: new Map(), credited: 0n };
  const zero = cells.map(() => 0n);
  const changes: CellChange[] = [];
  let position = 0n;
  let paidCells: readonly bigint[] = zero;
  let creditedCells: readonly bigint[] = zero;

  for (const [index, event] of events.entries()) {
    if (event.kind === 'issue') push(changes, { event: index, basis: 'invoiced', cells });
    if (!record(receipts, event)) continue;
    const credited = creditOf(receipts, total);
    if (event.kind === 'credit_note' && total > 0n) {
      const next = splitOverCells(credited, cells, total);
      push(changes, { event: index, basis: 'invoiced', cells: difference(creditedCells, next) });
      creditedCells = next;
    }
    const nextPosition = positionOf(receipts, total - credited);
    if (nextPosition === position) continue;
    const next = splitOverCells(nextPosition, cells, total);
    push(changes, { event: index, basis: 'paid', cells: difference(next, paidCells) });
    position = nextPosition;
    paidCells = next;
  }
  return { changes, overpaid_minor: atLeastZero(cashOf(receipts) - atLeastZero(total)) };
}

/** Takes an event into the receipts; false for kinds that move no money. */
function record(receipts: Receipts, { kind, amount_minor, payment }: InvoiceEvent): boolean {
  switch (kind) {
    case 'payment':
      add(receipts.paid, payment, amount_minor);
      return true;
    case 'refund':
      add(receipts.refunded, payment, amount_minor);
      return true;
    case 'dispute_lost':
      add(receipts.disputed, payment, amount_minor);
      return true;
    case 'dispute_won':
      add(receipts.disputed, payment, -smaller(amount_minor, receipts.disputed.get(payment) ?? 0n));
      return true;
    case 'credit_note':
      receipts.credited += amount_minor;
      return true;
    default:
      return false;
  }
}

/** position = max(0, min(cash, total − credited)) (fine-print 19). */
function positionOf(receipts: Receipts, owed: bigint): bigint {
  return atLeastZero(smaller(cashOf(receipts), owed));
}

/** credited = min(total, credit notes); an invoice of nothing or less cannot be credited. */
function creditOf({ credited }: Receipts, total: bigint): bigint {
  return smaller(atLeastZero(total), credited);
}

/** Succeeded payments less what was returned: per payment at most the payment, per invoice at most all payments (fine-print 20). */
function cashOf({ paid, refunded, disputed }: Receipts): bigint {
  let received = 0n;
  let returned = 0n;
  for (const [payment, amount_minor] of paid) {
    received += amount_minor;
    returned += smaller(amount_minor, (refunded.get(payment) ?? 0n) + (disputed.get(payment) ?? 0n));
  }
  const unnamed = (refunded.get(NO_PAYMENT) ?? 0n) + (disputed.get(NO_PAYMENT) ?? 0n);
  return received - returned - smaller(received, unnamed);
}

function push(changes: CellChange[], change: CellChange): void {
  if (change.cells.some((cell) => cell !== 0n)) changes.push(change);
}

function add(amounts: Map<number, bigint>, key: number, amount_minor: bigint): void {
  amounts.set(key, (amounts.get(key) ?? 0n) + amount_minor);
}

function difference(left: readonly bigint[], right: readonly bigint[]): bigint[] {
  return left.map((cell, position) => cell - right[position]!);
}

/** The kind of a code of `journeys.billing_event`. */
export function eventKindOf(code: number): EventKind {
  const kind = eventKinds[code];
  if (!kind) throw new Error(`billing: ${code} is not the code of an event kind`);
  return kind;
}
