// A company's billing as Chargebee's customers, subscriptions and invoices. Transactions and credit notes: chargebee-money.ts.
import { exponentOf } from '../../core/currency.ts';
import { epochOf, minorOf, numberOf, recordsBy, secondsOf } from './billing-values.ts';
import type { CompanyRow, Store, StoredRecord } from './company.ts';

export type ChargebeeSetting = {
  readonly store: Store;
  /** Where the company's days begin; a date of a sheet becomes that midnight. */
  readonly timeZone: string;
};

export type Members = Readonly<Record<string, unknown>>;
export type ChargebeeObject = Members & {
  readonly id: string;
  readonly object: string;
  readonly updated_at: number;
  readonly deleted: boolean;
};

/** What is known of one row: times and amounts as Chargebee writes them. Undefined members are left out, as Chargebee does. */
export function valuesOf({ timeZone }: ChargebeeSetting, { row, updatedAt }: StoredRecord, currency: string) {
  return {
    at: (column: string) => (row[column] === undefined ? undefined : epochOf(row[column], timeZone)),
    time: (column: string): number => {
      const value = row[column] === undefined ? undefined : epochOf(row[column], timeZone);
      return typeof value === 'number' ? value : secondsOf(updatedAt);
    },
    minor: (column: string) =>
      row[column] === undefined ? undefined : minorOf(row[column], exponentOf(currency) ?? 2),
    number: (column: string) =>
      row[column] === undefined ? 0 : numberOf(minorOf(row[column], exponentOf(currency) ?? 2)),
  };
}

/** When an object last changed: with itself, or with what it shows of others. */
export function stampOf(record: StoredRecord, others: readonly StoredRecord[] = []) {
  const last = Math.max(record.updatedAt, ...others.map(({ updatedAt }) => updatedAt));
  return { updated_at: secondsOf(last), resource_version: last, deleted: record.deletedAt !== undefined };
}

/** Custom fields are members of their own, by the name that the site gave them. */
function customFieldsOf(row: CompanyRow, names: readonly string[]): Members {
  return Object.fromEntries(names.map((name) => [`cf_${name}`, row[name]]));
}

export function customersOf(setting: ChargebeeSetting): ChargebeeObject[] {
  return setting.store.records('billing_customers').map((record) => {
    const { row, key } = record;
    const address = row.country === undefined ? undefined : { object: 'billing_address', country: row.country };
    return {
      id: key,
      object: 'customer',
      company: row.name,
      email: row.email,
      auto_collection: 'off',
      net_term_days: 0,
      allow_direct_debit: false,
      created_at: valuesOf(setting, record, 'USD').time('created_at'),
      taxability: 'taxable',
      billing_address: address && { ...address, validation_status: 'not_validated' },
      pii_cleared: 'active',
      channel: 'web',
      card_status: 'no_card',
      promotional_credits: 0,
      refundable_credits: 0,
      excess_payments: 0,
      unbilled_charges: 0,
      ...customFieldsOf(row, ['account_id', 'partner_id', 'domain']),
      ...stampOf(record),
    };
  });
}

export function subscriptionsOf(setting: ChargebeeSetting): ChargebeeObject[] {
  return setting.store.records('subscriptions').map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { at, time, minor } = valuesOf(setting, record, currency);
    const started = time('started_at');
    return {
      id: key,
      object: 'subscription',
      billing_period: 1,
      billing_period_unit: 'month',
      customer_id: row.customer_id,
      status: row.status ?? 'active',
      created_at: started,
      started_at: started,
      activated_at: started,
      cancelled_at: at('cancelled_at'),
      currency_code: currency,
      mrr: minor('mrr_amount'),
      subscription_items: [
        {
          item_price_id: 'platform',
          item_type: 'plan',
          quantity: 1,
          unit_price: minor('mrr_amount'),
          object: 'subscription_item',
        },
      ],
      due_invoices_count: 0,
      has_scheduled_advance_invoices: false,
      has_scheduled_changes: false,
      decommissioned: false,
      channel: 'web',
      ...customFieldsOf(row, ['deal_id']),
      ...stampOf(record),
    };
  });
}

const statuses: Readonly<Record<string, string>> = { open: 'payment_due', void: 'voided', uncollectible: 'not_paid' };

export function invoicesOf(setting: ChargebeeSetting): ChargebeeObject[] {
  const { store } = setting;
  const lines = recordsBy(store, 'invoice_lines', 'invoice_id', { all: true });
  const payments = recordsBy(store, 'payments', 'invoice_id', { all: true });
  const adjustments = recordsBy(store, 'payment_adjustments', 'invoice_id', { all: true });
  return store.records('invoices').map((record) =>
    invoiceOf(setting, record, {
      lines: lines.get(record.key) ?? [],
      payments: payments.get(record.key) ?? [],
      adjustments: adjustments.get(record.key) ?? [],
    }),
  );
}

type InvoiceParts = {
  readonly lines: readonly StoredRecord[];
  readonly payments: readonly StoredRecord[];
  readonly adjustments: readonly StoredRecord[];
};

function invoiceOf(setting: ChargebeeSetting, record: StoredRecord, parts: InvoiceParts): ChargebeeObject {
  const { row, key } = record;
  const { lines, payments, adjustments } = livePartsOf(parts);
  const currency = row.currency ?? 'USD';
  const { at, time } = valuesOf(setting, record, currency);
  const issued = time('issued_at');
  const items = lines.map((line) => lineOf(setting, line, { currency, issued, invoice: row }));
  const sum = (of: readonly StoredRecord[], column: string) =>
    of.reduce((total, other) => total + valuesOf(setting, other, currency).number(column), 0);
  const [net, tax] = [sum(lines, 'amount'), sum(lines, 'tax_amount')];
  const total = net + tax;
  const received = payments.filter((payment) => payment.row.status === 'succeeded');
  const paid = sum(received, 'amount');
  const writtenOff = sum(
    adjustments.filter((adjustment) => adjustment.row.kind === 'write_off'),
    'amount',
  );
  return {
    id: key,
    object: 'invoice',
    customer_id: row.customer_id,
    subscription_id: row.subscription_id,
    recurring: row.subscription_id !== undefined,
    // An invoice that was written off counts as closed.
    status: writtenOff > 0 ? 'paid' : (statuses[row.status ?? ''] ?? row.status),
    price_type: 'tax_exclusive',
    date: issued,
    due_date: at('due_at'),
    net_term_days: 0,
    exchange_rate: 1,
    currency_code: currency,
    base_currency_code: 'USD',
    total,
    sub_total: net,
    tax,
    amount_paid: paid,
    amount_adjusted: 0,
    write_off_amount: writtenOff,
    credits_applied: 0,
    amount_due: row.status === 'paid' ? 0 : Math.max(0, total - paid - writtenOff),
    paid_at: row.status === 'paid' ? Math.max(0, ...received.map((payment) => paidAt(setting, payment))) : undefined,
    voided_at: at('voided_at'),
    generated_at: issued,
    first_invoice: false,
    has_advance_charges: false,
    term_finalized: true,
    is_gifted: false,
    line_items: items,
    line_item_taxes: items
      .filter(({ is_taxed }) => is_taxed)
      .map(({ id, tax_amount, amount }) => ({
        object: 'line_item_tax',
        line_item_id: id,
        tax_name: 'Tax',
        tax_rate: 0,
        taxable_amount: amount,
        tax_amount,
        is_partial_tax_applied: false,
        is_non_compliance_tax: false,
      })),
    linked_payments: payments.map((payment) => linkedPaymentOf(setting, payment, currency)),
    dunning_attempts: [],
    applied_credits: [],
    adjustment_credit_notes: [],
    issued_credit_notes: [],
    linked_orders: [],
    ...customFieldsOf(row, ['deal_id']),
    ...stampOf(record, [...parts.lines, ...parts.payments, ...parts.adjustments]), // what was taken away is a change too
  };
}

/** Without what was deleted. */
function livePartsOf({ lines, payments, adjustments }: InvoiceParts): InvoiceParts {
  const live = (records: readonly StoredRecord[]) => records.filter(({ deletedAt }) => deletedAt === undefined);
  return { lines: live(lines), payments: live(payments), adjustments: live(adjustments) };
}

function paidAt(setting: ChargebeeSetting, payment: StoredRecord): number {
  return valuesOf(setting, payment, payment.row.currency ?? 'USD').time('paid_at');
}

/** `amount` stands before discounts and, in a site of net prices, without tax. */
function lineOf(
  setting: ChargebeeSetting,
  record: StoredRecord,
  { currency, issued, invoice }: { currency: string; issued: number; invoice: CompanyRow },
) {
  const { row, key } = record;
  const { at, minor, number } = valuesOf(setting, record, currency);
  const discount = row.list_amount === undefined ? 0 : Math.max(0, number('list_amount') - number('amount'));
  const amount = discount ? number('amount') + discount : minor('amount');
  return {
    id: key,
    object: 'line_item',
    date_from: at('period_start') ?? issued,
    date_to: at('period_end') ?? issued,
    unit_amount: amount,
    quantity: 1,
    amount,
    pricing_model: 'flat_fee',
    is_taxed: row.tax_amount !== undefined,
    tax_amount: number('tax_amount'),
    discount_amount: discount,
    item_level_discount_amount: discount,
    description: row.product ?? '',
    entity_type: row.product === undefined ? 'adhoc' : 'plan_item_price',
    entity_id: row.product,
    tax_exempt_reason: row.tax_amount === undefined ? 'tax_not_configured' : undefined,
    subscription_id: invoice.subscription_id,
    customer_id: invoice.customer_id,
    metered: false,
  };
}

function linkedPaymentOf(setting: ChargebeeSetting, record: StoredRecord, currency: string): Members {
  const { time, minor } = valuesOf(setting, record, currency);
  return {
    txn_id: record.row.payment_id,
    applied_amount: minor('amount'),
    applied_at: time('paid_at'),
    txn_status: record.row.status === 'succeeded' ? 'success' : 'failure',
    txn_date: time('paid_at'),
    txn_amount: minor('amount'),
  };
}
