// How invoices end: paid at once, late, in parts or never; refunded, credited, disputed, paid twice, voided. Each change of
// what is paid is a number of quarters of the invoice, so that every share of it is whole by construction.

import { amountText, type Customer, writeInvoice } from './billing.ts';
import { at, type Day, toInstant, toLocalInstant, workday } from './calendar.ts';
import type { Random } from './random.ts';
import type { Currency, ProductName } from './setting.ts';
import type { Deal, World } from './world.ts';

export type InvoiceLine = {
  readonly product: ProductName;
  readonly net: bigint;
  readonly tax: bigint;
  readonly list: bigint;
  readonly period: readonly [Day, Day] | undefined;
};
export type Invoice = {
  readonly deal: Deal;
  readonly issued: Day;
  readonly dueDay: Day;
  readonly lines: readonly InvoiceLine[];
  readonly subscriptionId: string;
};

/** A change of what an invoice has earned, in quarters of the whole. */
export type Movement = {
  readonly day: Day;
  readonly quarters: number;
  readonly kind: 'payment' | 'return' | 'restore';
};

type Settlement = {
  readonly world: World;
  readonly random: Random;
  readonly invoiceId: string;
  readonly currency: Currency;
  /** A quarter of the total, tax included. */
  readonly quarter: bigint;
  readonly paid: Movement[];
  /** Changes of what is invoiced: the issue and credit notes. */
  readonly invoiced: Movement[];
};

const splits = [
  [2, 2],
  [1, 3],
  [3, 1],
  [1, 1, 2],
] as const;

/** Writes an invoice and what became of it, and tells the truth what that was worth. */
export function settleInvoice(
  world: World,
  random: Random,
  { customer, invoice }: { customer: Customer; invoice: Invoice },
): void {
  const { firstDay, lastDay } = world.setting;
  const days = paymentDays(random, customer, invoice);
  const isOld = invoice.issued < firstDay;
  if (isOld && days[0]! < firstDay) return;
  if (!isOld && random.chance(0.007) && invoice.issued + 3 <= lastDay) writeVoided(world, random, customer, invoice);
  const isUncollectible = !isOld && random.chance(0.006);
  const parts = days.length === 1 ? [4] : random.pick(splits.filter((split) => split.length === days.length));
  const credit = days.length === 1 && !isUncollectible && days[0]! - invoice.issued > 4 && random.chance(0.008);
  const creditQuarters = credit ? random.whole(1, 2) : 0;
  const count = isUncollectible ? 0 : days.filter((day) => day <= lastDay).length;
  const isPaid = count === days.length;
  const isWrittenOff = isUncollectible && invoice.issued + 130 <= lastDay;
  const status = isWrittenOff ? 'uncollectible' : isPaid ? 'paid' : 'open';
  const { invoiceId } = writeInvoice(world, random, { customer, invoice, status });
  const total = invoice.lines.reduce((sum, line) => sum + line.net + line.tax, 0n);
  const settlement: Settlement = {
    world,
    random,
    invoiceId,
    currency: customer.account.currency,
    quarter: total / 4n,
    paid: [],
    invoiced: [{ day: invoice.issued, quarters: 4, kind: 'payment' }],
  };
  if (isWrittenOff)
    writeAdjustment(settlement, { kind: 'write_off', invoiceId, day: invoice.issued + 125, quarters: 4 });
  const creditDay = workday(invoice.issued + 1);
  if (credit && creditDay <= lastDay) {
    const day = creditDay;
    writeAdjustment(settlement, { kind: 'credit_note', invoiceId, day, quarters: creditQuarters });
    settlement.invoiced.push({ day, quarters: -creditQuarters, kind: 'return' });
  }
  for (let part = 0; part < count; part++) {
    const quarters = parts[part]! - creditQuarters;
    const paymentId = writePayment(settlement, { day: days[part]!, quarters, status: 'succeeded' });
    settlement.paid.push({ day: days[part]!, quarters, kind: 'payment' });
    if (parts.length === 1 && !credit) writeAftermath(settlement, paymentId, days[0]!, customer.paysByCard);
  }
  world.truth.recordInvoice({ ...settlement, deal: invoice.deal, lines: invoice.lines });
}

/** The days on which an invoice is paid, in one to three parts; late and very late ones included. */
function paymentDays(random: Random, customer: Customer, invoice: Invoice): Day[] {
  const draw = random.next();
  const delay = customer.paysByCard
    ? draw < 0.96
      ? random.whole(0, 1)
      : random.whole(4, 20)
    : draw < 0.66
      ? random.whole(Math.min(5, customer.dueDays), customer.dueDays)
      : draw < 0.92
        ? customer.dueDays + random.whole(1, 21)
        : customer.dueDays + random.whole(22, 80);
  const first = workday(invoice.issued + Math.max(1, delay));
  const isLarge = invoice.lines.reduce((sum, line) => sum + line.net, 0n) > 900_000n;
  if (customer.paysByCard || !random.chance(isLarge ? 0.14 : 0.02)) return [first];
  const second = workday(first + random.whole(18, 45));
  return random.chance(0.25) ? [first, second, workday(second + random.whole(18, 45))] : [first, second];
}

/** A wrong invoice that was voided the next days and issued again. */
function writeVoided(world: World, random: Random, customer: Customer, invoice: Invoice): void {
  writeInvoice(world, random, { customer, invoice, status: 'void', voided: invoice.issued + 1 });
}

/** What may still happen to an invoice that one payment has paid in full. */
function writeAftermath(settlement: Settlement, paymentId: string, paidDay: Day, isCard: boolean): void {
  const { random, world, invoiceId, paid, invoiced } = settlement;
  const within = (day: Day) => workday(day) <= world.setting.lastDay;
  const draw = random.next();
  if (draw < 0.014) {
    const day = workday(paidDay + (random.chance(0.7) ? random.whole(4, 45) : random.whole(80, 150)));
    const quarters = random.pick([1, 2, 4]);
    if (!within(day)) return;
    writeAdjustment(settlement, { kind: 'refund', paymentId, day, quarters });
    paid.push({ day, quarters: -quarters, kind: 'return' });
  } else if (draw < 0.022) {
    const day = workday(paidDay + random.whole(5, 60));
    if (!within(day)) return;
    writeAdjustment(settlement, { kind: 'credit_note', invoiceId, day, quarters: 1 });
    paid.push({ day, quarters: -1, kind: 'return' });
    invoiced.push({ day, quarters: -1, kind: 'return' });
    const back = workday(day + random.whole(1, 5));
    if (random.chance(0.6) && within(back))
      writeAdjustment(settlement, { kind: 'refund', paymentId, day: back, quarters: 1 });
  } else if (draw < (isCard ? 0.034 : 0.025)) writeDispute(settlement, paymentId, paidDay);
  else if (draw > 0.9975) writeDoublePayment(settlement, paidDay);
}

/** Opened, then won or lost; a lost one may be won back on appeal; young ones are still open. */
function writeDispute(settlement: Settlement, paymentId: string, paidDay: Day): void {
  const { random, world, paid } = settlement;
  const steps: ('dispute_opened' | 'dispute_lost' | 'dispute_won')[] = random.pick([
    ['dispute_opened', 'dispute_won'],
    ['dispute_opened', 'dispute_lost'],
    ['dispute_opened', 'dispute_lost'],
    ['dispute_opened', 'dispute_lost', 'dispute_won'],
  ]);
  let day = paidDay;
  let lost = 0;
  for (const kind of steps) {
    day = workday(day + random.whole(8, 40));
    if (day > world.setting.lastDay) return;
    writeAdjustment(settlement, { kind, paymentId, day, quarters: 4 });
    if (kind === 'dispute_lost') {
      paid.push({ day, quarters: -4, kind: 'return' });
      lost = 4;
    } else if (kind === 'dispute_won' && lost > 0) paid.push({ day, quarters: lost, kind: 'restore' });
  }
}

/** The same invoice paid twice: an exception that earns nothing, mostly sent back. */
function writeDoublePayment(settlement: Settlement, paidDay: Day): void {
  const { random, world } = settlement;
  const day = workday(paidDay + random.whole(1, 4));
  const back = workday(day + random.whole(6, 15));
  if (day > world.setting.lastDay) return;
  const paymentId = writePayment(settlement, { day, quarters: 4, status: 'succeeded' });
  if (back <= world.setting.lastDay && random.chance(0.8))
    writeAdjustment(settlement, { kind: 'refund', paymentId, day: back, quarters: 4 });
}

/** Writes a payment, now and then after a failed attempt two days earlier. Returns its id. */
function writePayment(
  { world, random, invoiceId, currency, quarter }: Settlement,
  payment: { day: Day; quarters: number; status: string },
): string {
  const amount = amountText(quarter * BigInt(payment.quarters));
  const write = (day: Day, status: string) => {
    const payment_id = world.nextId('PY');
    // Up to 22:59 local: late evenings are the next day, on month ends the next month, in UTC.
    const paidAt = at(day, random.whole(7 * 3600, 22 * 3600 + 3599));
    const paid_at = random.chance(0.08) ? toLocalInstant(paidAt) : toInstant(paidAt);
    world.sheets.write('payments', { payment_id, invoice_id: invoiceId, paid_at, amount, currency, status });
    return payment_id;
  };
  if (random.chance(0.012)) write(payment.day - 2, 'failed');
  return write(payment.day, payment.status);
}

type Adjustment = { kind: string; paymentId?: string; invoiceId?: string; day: Day; quarters: number };

function writeAdjustment(settlement: Settlement, adjustment: Adjustment): void {
  const { world, random, currency, quarter } = settlement;
  world.sheets.write('payment_adjustments', {
    adjustment_id: world.nextId('ADJ'),
    kind: adjustment.kind,
    payment_id: adjustment.paymentId,
    invoice_id: adjustment.invoiceId,
    occurred_at: toInstant(at(adjustment.day, random.whole(8 * 3600, 21 * 3600))),
    amount: amountText(quarter * BigInt(adjustment.quarters)),
    currency,
  });
}
