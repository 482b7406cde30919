// Chargebee's transactions and credit notes as canonical payments and adjustments.
import type { RecordMapping } from '../../api.ts';
import { amountOfMinor, instantOfSeconds, wholeSum } from '../../vendor-sql.ts';
import { isDeleted } from './mappings.ts';

const text = (path: string) => `json_extract_string(record, '${path}')`;
const isLive = `coalesce(${text('$.deleted')}, 'false') <> 'true'`;
const paymentRows = `SELECT position, record FROM fetched WHERE kind = 'transactions' AND ${text('$.type')} = 'payment'`;

const status = `CASE status WHEN 'success' THEN 'succeeded' WHEN 'in_progress' THEN 'pending' WHEN 'needs_attention' THEN 'pending'
  WHEN 'failure' THEN 'failed' WHEN 'late_failure' THEN 'failed' WHEN 'timeout' THEN 'failed' WHEN 'voided' THEN 'failed' ELSE status END`;

/** One record an invoice that the payment is applied to, and one for what is not used yet. */
const payments: RecordMapping = {
  stream: 'payments',
  relation: `(SELECT position, record, json_extract_string(applied, '$.invoice_id') AS invoice, json_extract_string(applied, '$.applied_amount') AS part
    FROM (SELECT position, record, unnest(json_extract(record, '$.linked_invoices[*]')) AS applied FROM (${paymentRows}) WHERE ${isLive})
    UNION ALL
    SELECT position, record, NULL AS invoice, ${text('$.amount_unused')} AS part FROM (${paymentRows})
    WHERE ${isLive} AND ${text('$.status')} = 'success' AND coalesce(${text('$.amount_unused')}, '0') <> '0')`,
  fields: { id: '$.id', date: '$.date', currency: '$.currency_code', status: '$.status' },
  columns: {
    payment_id: 'id',
    invoice_id: 'invoice',
    paid_at: instantOfSeconds('date'),
    amount: amountOfMinor('part', 'currency'),
    currency: 'upper(currency)',
    status,
  },
  replaces: { column: 'payment_id', parents: `SELECT ${text('$.id')} FROM (${paymentRows})` },
};

/** Money goes back when a refund has succeeded; one that failed afterwards never was. */
const refunds: RecordMapping = {
  stream: 'payment_adjustments',
  relation: `(SELECT position, record FROM fetched WHERE kind = 'transactions' AND ${text('$.type')} = 'refund')`,
  fields: {
    id: '$.id',
    refunded: '$.refunded_txn_id',
    linked: '$.linked_payments[0].id',
    date: '$.date',
    amount: '$.amount',
    currency: '$.currency_code',
    status: '$.status',
    deleted: '$.deleted',
  },
  columns: {
    adjustment_id: 'id',
    kind: `'refund'`,
    payment_id: 'coalesce(refunded, linked)',
    occurred_at: instantOfSeconds('date'),
    amount: amountOfMinor('amount', 'currency'),
    currency: 'upper(currency)',
  },
  skip: `status IN ('in_progress', 'needs_attention')`,
  is_deleted: `CAST(coalesce(deleted, 'false') = 'true' OR status IS DISTINCT FROM 'success' AS VARCHAR)`,
};

/** A payment that was reversed is a dispute: opened at its date, lost when it was settled, won when it was voided again. */
function dispute(kind: 'opened' | 'lost' | 'won', { time, skip }: { time: string; skip: string }): RecordMapping {
  return {
    stream: 'payment_adjustments',
    relation: `(SELECT position, record FROM fetched WHERE kind = 'transactions' AND ${text('$.type')} = 'payment_reversal')`,
    fields: {
      id: '$.id',
      reversed: '$.reference_transaction_id',
      linked: '$.linked_payments[0].id',
      date: '$.date',
      settled: '$.settled_at',
      voided: '$.voided_at',
      amount: '$.amount',
      currency: '$.currency_code',
      status: '$.status',
      deleted: '$.deleted',
    },
    columns: {
      adjustment_id: `id || ':${kind}'`,
      kind: `'dispute_${kind}'`,
      payment_id: 'coalesce(reversed, linked)',
      occurred_at: instantOfSeconds(time),
      amount: amountOfMinor('amount', 'currency'),
      currency: 'upper(currency)',
    },
    skip,
    is_deleted: isDeleted,
  };
}

export const transactionRecords: readonly RecordMapping[] = [
  payments,
  refunds,
  dispute('opened', { time: 'date', skip: `status IN ('failure', 'timeout', 'late_failure')` }),
  dispute('lost', { time: 'coalesce(settled, date)', skip: `settled IS NULL AND status IS DISTINCT FROM 'success'` }),
  dispute('won', { time: 'coalesce(voided, date)', skip: `status IS DISTINCT FROM 'voided'` }),
];

/** A write-off is a credit note with that reason; one that was voided never was. */
export const creditNoteRecords: readonly RecordMapping[] = [
  {
    stream: 'payment_adjustments',
    relation: `(SELECT position, record, coalesce(json_array_length(record, '$.line_items'), 0) = 1 AS has_one_line,
        coalesce(json_array_length(record, '$.taxes'), 0) > 0 AS has_taxes,
        coalesce(CAST(${wholeSum('record', '$.taxes[*].amount')} AS VARCHAR), 'no whole number') AS taxes
      FROM fetched WHERE kind = 'credit_notes')`,
    fields: {
      id: '$.id',
      invoice: '$.reference_invoice_id',
      line: '$.line_items[0].reference_line_item_id',
      reason: '$.reason_code',
      date: '$.date',
      total: '$.total',
      currency: '$.currency_code',
      status: '$.status',
      deleted: '$.deleted',
    },
    columns: {
      adjustment_id: 'id',
      kind: `CASE reason WHEN 'write_off' THEN 'write_off' ELSE 'credit_note' END`,
      invoice_id: 'invoice',
      line_id: 'CASE WHEN has_one_line THEN line END',
      occurred_at: instantOfSeconds('date'),
      amount: amountOfMinor('total', 'currency'),
      tax_amount: `CASE WHEN has_taxes THEN ${amountOfMinor('taxes', 'currency')} END`,
      currency: 'upper(currency)',
    },
    is_deleted: `CAST(coalesce(deleted, 'false') = 'true' OR status = 'voided' AS VARCHAR)`,
  },
];
