// Stripe's events over the records of a company: what happened to which object, newest first, kept for 30 days.
import { disputesOf, secondsOf } from './billing-values.ts';
import type { StoredRecord } from './company.ts';
import { chargeId, invoicePaymentId } from './stripe-money.ts';
import type { StripeSetting } from './stripe-objects.ts';
import type { StripeObject } from './stripe-shapes.ts';

/** An event before its object is looked up: the object's kind and id. */
export type Notice = {
  readonly id: string;
  readonly type: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly kind: string;
  readonly object: string;
  /** Members of the object as they were then. */
  readonly then?: Readonly<Record<string, unknown>>;
};

/** Every event of the company, newest first, in whatever past; the server knows how far back it answers. */
export function noticesOf(setting: StripeSetting): Notice[] {
  const { store } = setting;
  const disputes = new Map(
    disputesOf(store).flatMap(({ id, steps }) => steps.map(({ key }) => [key, `dp_${id}`] as const)),
  );
  const notices = [
    ...store.records('billing_customers').map((record) => notice(record, 'customer', customerType(record), record.key)),
    ...store
      .records('subscriptions')
      .map((record) => notice(record, 'subscription', subscriptionType(record), record.key)),
    ...store.records('invoices').map((record) => notice(record, 'invoice', invoiceType(record), record.key)),
    ...store
      .records('invoice_lines')
      .filter(({ updatedAt }) => updatedAt > Date.parse(store.asOf)) // before that a line came with its invoice
      .map((record) => notice(record, 'invoice', 'invoice.updated', record.row.invoice_id ?? '')),
    ...store.records('payments').flatMap(paymentNotices),
    ...store.records('payment_adjustments').map((record) => adjustmentNotice(record, disputes)),
  ];
  return notices.sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
}

function notice(record: StoredRecord, kind: string, type: string, object: string, then?: Notice['then']): Notice {
  const created = secondsOf(record.updatedAt);
  return {
    id: `evt_${record.stream}_${record.key}_${created}_${kind}`,
    type,
    created,
    kind,
    object,
    ...(then && { then }),
  };
}

function isNew({ row, updatedAt }: StoredRecord, column: string): boolean {
  return row[column] === undefined || Date.parse(row[column]) === updatedAt;
}

function customerType(record: StoredRecord): string {
  if (record.deletedAt !== undefined) return 'customer.deleted';
  return isNew(record, 'created_at') ? 'customer.created' : 'customer.updated';
}

function subscriptionType(record: StoredRecord): string {
  if (record.deletedAt !== undefined || record.row.status === 'cancelled') return 'customer.subscription.deleted';
  return isNew(record, 'started_at') ? 'customer.subscription.created' : 'customer.subscription.updated';
}

function invoiceType(record: StoredRecord): string {
  if (record.deletedAt !== undefined) return 'invoice.deleted';
  const types: Readonly<Record<string, string>> = {
    void: 'invoice.voided',
    uncollectible: 'invoice.marked_uncollectible',
  };
  return types[record.row.status ?? ''] ?? (isNew(record, 'issued_at') ? 'invoice.finalized' : 'invoice.updated');
}

/** A payment is told of by its charge, and by the invoice it pays. */
function paymentNotices(record: StoredRecord): Notice[] {
  const { payment_id = '', invoice_id, status } = record.row;
  const types: Readonly<Record<string, string>> = { failed: 'charge.failed', pending: 'charge.pending' };
  const charge = notice(record, 'charge', types[status ?? ''] ?? 'charge.succeeded', chargeId(payment_id));
  if (invoice_id === undefined) return [charge];
  if (status !== 'succeeded') return [charge, notice(record, 'invoice', 'invoice.payment_failed', invoice_id)];
  return [
    charge,
    notice(record, 'invoice_payment', 'invoice_payment.paid', invoicePaymentId(record)),
    notice(record, 'invoice', 'invoice.paid', invoice_id),
  ];
}

function adjustmentNotice(record: StoredRecord, disputes: ReadonlyMap<string, string>): Notice {
  const { kind, invoice_id } = record.row;
  const isGone = record.deletedAt !== undefined;
  switch (kind) {
    case 'refund':
      return notice(record, 'refund', isGone ? 'refund.failed' : 'refund.created', record.key);
    case 'credit_note':
      return notice(record, 'credit_note', isGone ? 'credit_note.voided' : 'credit_note.created', record.key);
    case 'write_off':
      return notice(record, 'invoice', 'invoice.marked_uncollectible', invoice_id ?? '');
    case 'dispute_opened':
      return notice(record, 'dispute', 'charge.dispute.created', disputes.get(record.key) ?? '');
    default:
      return notice(record, 'dispute', 'charge.dispute.closed', disputes.get(record.key) ?? '', {
        status: kind === 'dispute_won' ? 'won' : 'lost',
      });
  }
}

/** The event as Stripe sends it. */
export function eventOf({ id, type, created, then }: Notice, object: StripeObject): StripeObject {
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    data: { object: { ...object, ...then } },
    livemode: true,
    pending_webhooks: 0,
    request: { id: null, idempotency_key: null },
    type,
  };
}
