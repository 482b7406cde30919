// A company's payments, refunds and disputes as Chargebee's transactions, its credit notes and write-offs as credit notes.
import { type DisputeRecords, disputesOf, numberOf, recordsBy, stepOf } from './billing-values.ts';
import { type ChargebeeObject, type ChargebeeSetting, type Members, stampOf, valuesOf } from './chargebee-objects.ts';
import type { StoredRecord } from './company.ts';

const statuses: Readonly<Record<string, string>> = { succeeded: 'success', pending: 'in_progress', failed: 'failure' };

const transactionShape: Members = { gateway: 'not_applicable', payment_method: 'bank_transfer' };

export function transactionsOf(setting: ChargebeeSetting): ChargebeeObject[] {
  return [...paymentsOf(setting), ...refundsOf(setting), ...reversalsOf(setting)];
}

/** One transaction a payment, however many invoices it pays; what pays none of them is unused. */
function paymentsOf(setting: ChargebeeSetting): ChargebeeObject[] {
  const groups = new Map<string, StoredRecord[]>();
  for (const record of setting.store.records('payments')) {
    const id = record.row.payment_id ?? '';
    groups.set(id, [...(groups.get(id) ?? []), record]);
  }
  const invoices = new Map(setting.store.records('invoices').map(({ key, row }) => [key, row]));
  return [...groups].map(([id, records]) => {
    const live = records.filter(({ deletedAt }) => deletedAt === undefined);
    const first = (live[0] ?? records[0])!;
    const { row } = first;
    const currency = row.currency ?? 'USD';
    const { time } = valuesOf(setting, first, currency);
    const amount = (record: StoredRecord) => valuesOf(setting, record, currency).minor('amount');
    const applied = live.filter((record) => record.row.invoice_id !== undefined);
    const unused = live.find((record) => record.row.invoice_id === undefined);
    const all = live.length === 1 ? amount(first) : live.reduce((sum, record) => sum + numberOf(amount(record)), 0);
    return {
      ...transactionShape,
      id,
      object: 'transaction',
      customer_id: invoices.get(row.invoice_id ?? '')?.customer_id,
      type: 'payment',
      date: time('paid_at'),
      exchange_rate: 1,
      currency_code: currency,
      base_currency_code: 'USD',
      amount: all,
      amount_unused: unused ? amount(unused) : 0,
      status: statuses[row.status ?? ''] ?? row.status,
      linked_invoices: applied.map((record) => ({
        invoice_id: record.row.invoice_id,
        applied_amount: amount(record),
        applied_at: time('paid_at'),
        invoice_status: 'paid',
      })),
      linked_refunds: [],
      linked_credit_notes: [],
      ...stampOf(first, records),
      deleted: live.length === 0,
    };
  });
}

function refundsOf(setting: ChargebeeSetting): ChargebeeObject[] {
  const payments = recordsBy(setting.store, 'payments', 'invoice_id');
  return adjustments(setting, ['refund']).map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { time, minor } = valuesOf(setting, record, currency);
    return {
      ...transactionShape,
      id: key,
      object: 'transaction',
      type: 'refund',
      date: time('occurred_at'),
      exchange_rate: 1,
      currency_code: currency,
      base_currency_code: 'USD',
      amount: minor('amount'),
      status: 'success',
      refunded_txn_id: row.payment_id ?? payments.get(row.invoice_id ?? '')?.[0]?.row.payment_id,
      linked_credit_notes: [],
      ...stampOf(record),
    };
  });
}

/** A chargeback is a payment that was reversed: under way, settled against the merchant, or void again. */
function reversalsOf(setting: ChargebeeSetting): ChargebeeObject[] {
  return disputesOf(setting.store).map((dispute) => reversalOf(setting, dispute));
}

function reversalOf(setting: ChargebeeSetting, dispute: DisputeRecords): ChargebeeObject {
  const [opening] = dispute.steps;
  const { row } = opening!;
  const currency = row.currency ?? 'USD';
  const at = (kind: string) => {
    const step = stepOf(dispute, kind);
    return step && valuesOf(setting, { ...opening!, row: step }, currency).time('occurred_at');
  };
  const [lost, won] = [at('dispute_lost'), at('dispute_won')];
  const { time, minor } = valuesOf(setting, opening!, currency);
  return {
    ...transactionShape,
    id: `rev_${dispute.id}`,
    object: 'transaction',
    type: 'payment_reversal',
    date: time('occurred_at'),
    settled_at: lost,
    voided_at: won,
    exchange_rate: 1,
    currency_code: currency,
    base_currency_code: 'USD',
    amount: minor('amount'),
    status: won !== undefined ? 'voided' : lost !== undefined ? 'success' : 'in_progress',
    reference_transaction_id: row.payment_id,
    linked_payments: [{ id: row.payment_id, status: 'success', amount: minor('amount') }],
    ...stampOf(opening!, dispute.steps),
  };
}

export function creditNotesOf(setting: ChargebeeSetting): ChargebeeObject[] {
  const invoices = new Map(setting.store.records('invoices').map(({ key, row }) => [key, row]));
  return adjustments(setting, ['credit_note', 'write_off']).map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { time, minor, number } = valuesOf(setting, record, currency);
    const isWriteOff = row.kind === 'write_off';
    const tax = number('tax_amount');
    return {
      id: key,
      object: 'credit_note',
      customer_id: invoices.get(row.invoice_id ?? '')?.customer_id,
      reference_invoice_id: row.invoice_id,
      type: isWriteOff ? 'adjustment' : 'refundable',
      reason_code: isWriteOff ? 'write_off' : 'other',
      status: isWriteOff ? 'adjusted' : 'refund_due',
      date: time('occurred_at'),
      price_type: 'tax_exclusive',
      exchange_rate: 1,
      currency_code: currency,
      base_currency_code: 'USD',
      total: minor('amount'),
      sub_total: number('amount') - tax,
      amount_allocated: isWriteOff ? minor('amount') : 0,
      amount_refunded: 0,
      amount_available: isWriteOff ? 0 : minor('amount'),
      generated_at: time('occurred_at'),
      line_items: row.line_id === undefined ? [] : [{ object: 'line_item', reference_line_item_id: row.line_id }],
      taxes: row.tax_amount === undefined ? [] : [{ object: 'tax', name: 'Tax', amount: tax }],
      allocations: [],
      linked_refunds: [],
      ...stampOf(record),
    };
  });
}

function adjustments({ store }: ChargebeeSetting, kinds: readonly string[]): StoredRecord[] {
  return store.records('payment_adjustments').filter(({ row }) => kinds.includes(row.kind ?? ''));
}
