// A company's payments as Stripe's invoice payments and charges, and its adjustments as refunds, credit notes and disputes.
import { type DisputeRecords, disputesOf, numberOf, recordsBy, stepOf } from './billing-values.ts';
import type { CompanyRow, StoredRecord } from './company.ts';
import { live, type StripeSetting, taxOf, valuesOf } from './stripe-objects.ts';
import {
  balanceTransactionShape,
  chargeShape,
  creditNoteLineShape,
  creditNoteShape,
  disputeShape,
  list,
  type Members,
  refundShape,
  type StripeObject,
} from './stripe-shapes.ts';

const DAY = 86_400;
const statuses: Readonly<Record<string, string>> = { succeeded: 'paid', pending: 'open', failed: 'canceled' };

export function chargeId(payment: string): string {
  return `ch_${payment}`;
}

export function invoicePaymentId({ row }: StoredRecord): string {
  return `inpay_${row.payment_id}_${row.invoice_id}`;
}

/** Which payment intent pays which invoice, and how much of it. */
export function invoicePaymentsOf(setting: StripeSetting): StripeObject[] {
  return live(setting.store, 'payments')
    .filter(({ row }) => row.invoice_id !== undefined)
    .map((record) => {
      const { row } = record;
      const currency = row.currency ?? 'USD';
      const { time, minor } = valuesOf(setting, record, currency);
      const amount = minor('amount');
      const status = statuses[row.status ?? ''] ?? row.status ?? 'open';
      const created = time('paid_at');
      return {
        id: invoicePaymentId(record),
        object: 'invoice_payment',
        amount_paid: status === 'paid' ? amount : null,
        amount_requested: amount,
        created,
        currency: currency.toLowerCase(),
        invoice: row.invoice_id,
        is_default: true,
        livemode: true,
        payment: { type: 'payment_intent', payment_intent: row.payment_id },
        status,
        status_transitions: {
          canceled_at: status === 'canceled' ? created : null,
          paid_at: status === 'paid' ? created : null,
        },
      };
    });
}

/** One charge a payment, however many invoices it pays. */
export function chargesOf(setting: StripeSetting): StripeObject[] {
  const byPayment = recordsBy(setting.store, 'payments', 'payment_id');
  const customers = new Map(setting.store.records('invoices').map(({ key, row }) => [key, row.customer_id]));
  return [...byPayment].map(([payment, records]) => {
    const [first] = records;
    const { row } = first!;
    const currency = row.currency ?? 'USD';
    const amounts = records.map((record) => valuesOf(setting, record, currency).minor('amount'));
    const amount =
      amounts.length === 1 ? amounts[0]! : amounts.reduce<number>((sum, part) => sum + numberOf(part ?? 0), 0);
    return {
      ...chargeShape,
      id: chargeId(payment),
      object: 'charge',
      amount,
      amount_captured: row.status === 'succeeded' ? amount : 0,
      captured: row.status === 'succeeded',
      created: valuesOf(setting, first!, currency).time('paid_at'),
      currency: currency.toLowerCase(),
      customer: customers.get(row.invoice_id ?? '') ?? null,
      livemode: true,
      paid: row.status === 'succeeded',
      payment_intent: payment,
      status: row.status ?? 'succeeded',
    };
  });
}

/** A refund that was taken back is failed; Stripe never deletes one. */
export function refundsOf(setting: StripeSetting): StripeObject[] {
  const payments = recordsBy(setting.store, 'payments', 'invoice_id');
  return adjustments(setting, 'refund').map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { time, minor } = valuesOf(setting, record, currency);
    const payment = row.payment_id ?? payments.get(row.invoice_id ?? '')?.[0]?.row.payment_id;
    return {
      ...refundShape,
      id: key,
      object: 'refund',
      amount: minor('amount'),
      charge: payment === undefined ? null : chargeId(payment),
      created: time('occurred_at'),
      currency: currency.toLowerCase(),
      payment_intent: payment ?? null,
      status: record.deletedAt === undefined ? 'succeeded' : 'failed',
    };
  });
}

/** A credit note that was taken back is void; Stripe never deletes one. */
export function creditNotesOf(setting: StripeSetting): StripeObject[] {
  const invoices = new Map(setting.store.records('invoices').map(({ key, row }) => [key, row]));
  const payments = recordsBy(setting.store, 'payments', 'invoice_id');
  return adjustments(setting, 'credit_note').map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { time, minor } = valuesOf(setting, record, currency);
    const amount = minor('amount');
    const tax = numberOf(minor('tax_amount') ?? undefined);
    const created = time('occurred_at');
    const isPaid = (payments.get(row.invoice_id ?? '') ?? []).some(
      (payment) => valuesOf(setting, payment, currency).time('paid_at') <= created,
    );
    const net = numberOf(amount ?? undefined) - tax;
    return {
      ...creditNoteShape,
      id: key,
      object: 'credit_note',
      amount,
      created,
      currency: currency.toLowerCase(),
      customer: invoices.get(row.invoice_id ?? '')?.customer_id ?? null,
      effective_at: created,
      invoice: row.invoice_id ?? null,
      lines: list(`/v1/credit_notes/${key}/lines`, [creditNoteLine(record, net)]),
      livemode: true,
      number: `SANDBOX-${key}`,
      post_payment_amount: isPaid ? amount : 0,
      pre_payment_amount: isPaid ? 0 : amount,
      status: record.deletedAt === undefined ? 'issued' : 'void',
      subtotal: net,
      subtotal_excluding_tax: net,
      total: amount,
      total_excluding_tax: net,
      total_taxes: row.tax_amount === undefined ? [] : [taxOf(tax, net)],
      type: isPaid ? 'post_payment' : 'pre_payment',
      voided_at: record.deletedAt === undefined ? null : Math.floor(record.deletedAt / 1000),
    };
  });
}

function creditNoteLine({ key, row }: StoredRecord, amount: number): Members {
  const target =
    row.line_id === undefined
      ? { type: 'custom_line_item' }
      : { type: 'invoice_line_item', invoice_line_item: row.line_id };
  return { ...creditNoteLineShape, id: `cnli_${key}`, amount, livemode: true, taxes: [], ...target };
}

/**
 * Money leaves when a dispute is opened and comes back when it is won. Stripe has no date of a loss: it is the deadline that
 * passed without an answer, and one that was lost and won later went through an appeal.
 */
export function stripeDisputesOf(setting: StripeSetting): StripeObject[] {
  return disputesOf(setting.store).map((dispute) => disputeOf(setting, dispute));
}

function disputeOf(setting: StripeSetting, dispute: DisputeRecords): StripeObject {
  const [opening] = dispute.steps;
  const { row } = opening!;
  const currency = row.currency ?? 'USD';
  const amount = valuesOf(setting, opening!, currency).minor('amount');
  const at = (step: CompanyRow | undefined) =>
    step && valuesOf(setting, { ...opening!, row: step }, currency).time('occurred_at');
  const opened = at(row)!;
  const lost = at(stepOf(dispute, 'dispute_lost'));
  const won = at(stepOf(dispute, 'dispute_won'));
  const status = won !== undefined ? 'won' : lost !== undefined ? 'lost' : 'under_review';
  const answered = lost === undefined;
  const moved = (created: number, gross: number, category: string) =>
    balanceTransaction({ id: dispute.id, created, amount: gross, currency, category });
  const sum = numberOf(amount ?? undefined);
  return {
    ...disputeShape,
    id: `dp_${dispute.id}`,
    object: 'dispute',
    amount,
    balance_transactions: [
      moved(opened, -sum, 'dispute'),
      ...(won === undefined ? [] : [moved(won, sum, 'dispute_reversal')]),
    ],
    charge: row.payment_id === undefined ? null : chargeId(row.payment_id),
    created: opened,
    currency: currency.toLowerCase(),
    evidence: {
      uncategorized_text: answered ? 'Delivered and used.' : null,
      enhanced_evidence: {},
      appeal: lost !== undefined && won !== undefined ? { card: { reason_for_filing: 'Delivered and used.' } } : null,
    },
    evidence_details: {
      due_by: lost ?? opened + 20 * DAY,
      enhanced_eligibility: {},
      has_evidence: answered,
      past_due: false,
      submission_count: answered ? 1 : 0,
      submission_method: answered ? 'manual' : 'not_submitted',
    },
    intended_submission_method: null,
    livemode: true,
    payment_intent: row.payment_id ?? null,
    status,
  };
}

function balanceTransaction({
  id,
  created,
  amount,
  currency,
  category,
}: {
  id: string;
  created: number;
  amount: number;
  currency: string;
  category: string;
}): Members {
  return {
    ...balanceTransactionShape,
    id: `txn_${id}_${category}`,
    amount,
    available_on: created,
    created,
    currency: currency.toLowerCase(),
    net: amount,
    reporting_category: category,
    source: `dp_${id}`,
  };
}

function adjustments({ store }: StripeSetting, kind: string): StoredRecord[] {
  return store.records('payment_adjustments').filter(({ row }) => row.kind === kind);
}
