// Which payment pays which invoice, and money received that nobody has applied to an invoice yet.
import type { RecordMapping } from '../../api.ts';
import { currentVersions } from '../../raw-schema.ts';
import { instantOfSeconds } from '../../vendor-sql.ts';
import type { StripeContext } from '../stripe.ts';
import { stripeAmount } from './amounts.ts';

/** The payment that an invoice payment is of: an intent, or what older accounts have in its place. */
const paymentOf = `coalesce(record ->> '$.payment.payment_intent', (record ->> '$.payment.charge'), (record ->> '$.payment.payment_record'))`;
/** The same payment, seen from its charge. */
const paymentOfCharge = `coalesce(record ->> '$.payment_intent', (record ->> '$.id'))`;
const applied = `SELECT ${paymentOf} FROM fetched WHERE kind = 'invoice_payments'`;

const appliedMapping: RecordMapping = {
  stream: 'payments',
  relation: `(SELECT position, record, ${paymentOf} AS payment FROM fetched WHERE kind = 'invoice_payments')`,
  fields: {
    invoice: '$.invoice',
    paid: '$.amount_paid',
    requested: '$.amount_requested',
    currency: '$.currency',
    status: '$.status',
    created: '$.created',
    paid_at: '$.status_transitions.paid_at',
    canceled_at: '$.status_transitions.canceled_at',
  },
  columns: {
    payment_id: 'payment',
    invoice_id: 'invoice',
    paid_at: instantOfSeconds('coalesce(paid_at, canceled_at, created)'),
    amount: stripeAmount('coalesce(paid, requested)', 'currency'),
    currency: 'upper(currency)',
    status: `CASE status WHEN 'paid' THEN 'succeeded' WHEN 'open' THEN 'pending' WHEN 'canceled' THEN 'failed' ELSE status END`,
  },
};

/** Mappings of `payments`. A charge is money not applied yet as long as no invoice payment, here or known before, is of it. */
export function payments({ source }: StripeContext): RecordMapping[] {
  const known = currentVersions('stripe', 'payments', source);
  const isKnown = `SELECT payload.payment_id FROM ${known} AS known WHERE NOT is_deleted AND payload.invoice_id IS NOT NULL`;
  const unapplied: RecordMapping = {
    stream: 'payments',
    relation: `(SELECT position, record, ${paymentOfCharge} AS payment FROM fetched
      WHERE kind = 'charges' AND (record ->> '$.status') = 'succeeded' AND (record ->> '$.captured') <> 'false'
        AND ${paymentOfCharge} NOT IN (${applied} UNION ALL ${isKnown}))`,
    fields: { captured: '$.amount_captured', currency: '$.currency', created: '$.created' },
    columns: {
      payment_id: 'payment',
      paid_at: instantOfSeconds('created'),
      amount: stripeAmount('captured', 'currency'),
      currency: 'upper(currency)',
      status: `'succeeded'`,
    },
  };
  const isUnapplied = `SELECT payload.payment_id FROM ${known} AS known WHERE NOT is_deleted AND payload.invoice_id IS NULL`;
  const nowApplied: RecordMapping = {
    stream: 'payments',
    relation: `(SELECT position, record, ${paymentOf} AS payment FROM fetched
      WHERE kind = 'invoice_payments' AND ${paymentOf} IN (${isUnapplied}))`,
    fields: {},
    columns: { payment_id: 'payment', paid_at: 'NULL', amount: 'NULL', currency: 'NULL', status: 'NULL' },
    is_deleted: `'true'`,
  };
  return [appliedMapping, unapplied, nowApplied];
}
