// A company's billing as Stripe's customers, subscriptions, invoices and invoice lines. Payments and what lowers them: stripe-money.ts.
import { epochOf, minorOf, numberOf, recordsBy, secondsOf } from './billing-values.ts';
import type { CompanyRow, Store, StoredRecord } from './company.ts';
import {
  customerShape,
  emptyAddress,
  invoiceShape,
  lineShape,
  list,
  type Members,
  priceShape,
  type StripeObject,
  stripeDecimals,
  subscriptionShape,
} from './stripe-shapes.ts';

export type StripeSetting = {
  readonly store: Store;
  /** Where the company's days begin; a date of a sheet becomes that midnight. */
  readonly timeZone: string;
};

/** What is known of one row: times and amounts as Stripe writes them. */
export function valuesOf({ timeZone }: StripeSetting, record: StoredRecord, currency: string) {
  const { row } = record;
  return {
    /** Null where the row has nothing. */
    at: (column: string) => (row[column] === undefined ? null : epochOf(row[column], timeZone)),
    /** Where the row has nothing, when it last changed. */
    time: (column: string): number => {
      const value = row[column] === undefined ? undefined : epochOf(row[column], timeZone);
      return typeof value === 'number' ? value : secondsOf(record.updatedAt);
    },
    minor: (column: string) => (row[column] === undefined ? null : minorOf(row[column], stripeDecimals(currency))),
  };
}

function metadataOf(row: CompanyRow, names: readonly string[]): Members {
  return Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]));
}

export function live(store: Store, stream: Parameters<Store['records']>[0]): StoredRecord[] {
  return store.records(stream).filter(({ deletedAt }) => deletedAt === undefined);
}

export function customersOf(setting: StripeSetting): StripeObject[] {
  return live(setting.store, 'billing_customers').map((record) => {
    const { row, key } = record;
    return {
      ...customerShape,
      id: key,
      object: 'customer',
      created: valuesOf(setting, record, 'USD').time('created_at'),
      name: row.name ?? null,
      email: row.email ?? null,
      address: row.country === undefined ? null : { ...emptyAddress, country: row.country },
      metadata: metadataOf(row, ['account_id', 'partner_id', 'domain']),
      livemode: true,
    };
  });
}

export function subscriptionsOf(setting: StripeSetting): StripeObject[] {
  return live(setting.store, 'subscriptions').map((record) => {
    const { row, key } = record;
    const currency = row.currency ?? 'USD';
    const { at, time, minor } = valuesOf(setting, record, currency);
    const started = time('started_at');
    const ended = at('cancelled_at');
    const item = subscriptionItem(key, { currency, started, unit_amount: minor('mrr_amount') });
    return {
      ...subscriptionShape,
      id: key,
      object: 'subscription',
      billing_cycle_anchor: started,
      canceled_at: ended,
      created: started,
      currency: currency.toLowerCase(),
      customer: row.customer_id ?? null,
      ended_at: ended,
      items: list(`/v1/subscription_items?subscription=${key}`, [item]),
      livemode: true,
      metadata: metadataOf(row, ['deal_id']),
      start_date: started,
      status: row.status === 'cancelled' ? 'canceled' : (row.status ?? 'active'),
    };
  });
}

function subscriptionItem(
  subscription: string,
  { currency, started, unit_amount }: { currency: string; started: number; unit_amount: number | string | null },
): Members {
  return {
    id: `si_${subscription}`,
    object: 'subscription_item',
    created: started,
    current_period_start: started,
    current_period_end: started + 30 * 86_400,
    discounts: [],
    metadata: {},
    price: {
      ...priceShape,
      id: `price_${subscription}`,
      created: started,
      currency: currency.toLowerCase(),
      livemode: true,
      product: 'platform',
      recurring: {
        interval: 'month',
        interval_count: 1,
        meter: null,
        usage_type: 'licensed',
        trial_period_days: null,
      },
      unit_amount,
      unit_amount_decimal: unit_amount === null ? null : String(unit_amount),
    },
    quantity: 1,
    subscription,
    tax_rates: [],
  };
}

/** An invoice and all its lines; the list of lines in the invoice is whole here, and cut by the server. */
export type InvoiceWithLines = { readonly invoice: StripeObject; readonly lines: readonly Members[] };

export function invoicesOf(setting: StripeSetting): InvoiceWithLines[] {
  const { store } = setting;
  const lines = recordsBy(store, 'invoice_lines', 'invoice_id');
  const payments = recordsBy(store, 'payments', 'invoice_id');
  const adjustments = recordsBy(store, 'payment_adjustments', 'invoice_id');
  const subscriptions = new Map(store.records('subscriptions').map(({ key, row }) => [key, row]));
  return live(store, 'invoices').map((record) =>
    invoiceOf(setting, record, {
      lines: lines.get(record.key) ?? [],
      payments: payments.get(record.key) ?? [],
      adjustments: adjustments.get(record.key) ?? [],
      subscription: subscriptions.get(record.row.subscription_id ?? ''),
    }),
  );
}

type InvoiceParts = {
  readonly lines: readonly StoredRecord[];
  readonly payments: readonly StoredRecord[];
  readonly adjustments: readonly StoredRecord[];
  readonly subscription: CompanyRow | undefined;
};

function invoiceOf(setting: StripeSetting, record: StoredRecord, parts: InvoiceParts): InvoiceWithLines {
  const { row, key } = record;
  const currency = row.currency ?? 'USD';
  const { at, time } = valuesOf(setting, record, currency);
  const issued = time('issued_at');
  const lines = parts.lines.map((line) =>
    lineOf(setting, line, { currency, issued, subscription: row.subscription_id }),
  );
  const sum = (name: 'net' | 'tax') => lines.reduce((total, line) => total + line[name], 0);
  const total = sum('net') + sum('tax');
  const { paid, paidAt, credited, writtenOffAt } = settledOf(setting, parts, currency);
  const remaining = row.status === 'paid' ? 0 : Math.max(0, total - credited.before - paid);
  const invoice = {
    ...invoiceShape,
    id: key,
    object: 'invoice',
    amount_due: Math.max(0, total - credited.before),
    amount_paid: paid,
    amount_remaining: remaining,
    created: issued,
    currency: currency.toLowerCase(),
    customer: row.customer_id ?? null,
    due_date: at('due_at'),
    effective_at: issued,
    lines: list(
      `/v1/invoices/${key}/lines`,
      lines.map(({ line }) => line),
    ),
    livemode: true,
    metadata: metadataOf(row, ['deal_id']),
    number: `SANDBOX-${key}`,
    parent: subscriptionParent(row.subscription_id, parts.subscription),
    period_end: issued,
    period_start: issued,
    post_payment_credit_notes_amount: credited.after,
    pre_payment_credit_notes_amount: credited.before,
    status: row.status ?? 'open',
    status_transitions: {
      finalized_at: issued,
      marked_uncollectible_at: writtenOffAt,
      paid_at: row.status === 'paid' ? paidAt : null,
      voided_at: at('voided_at'),
    },
    subtotal: sum('net'),
    subtotal_excluding_tax: sum('net'),
    total,
    total_excluding_tax: sum('net'),
  };
  return { invoice, lines: lines.map(({ line }) => line) };
}

function subscriptionParent(subscription: string | undefined, row: CompanyRow | undefined): Members | null {
  if (subscription === undefined) return null;
  const metadata = metadataOf(row ?? {}, ['deal_id']);
  return { type: 'subscription_details', quote_details: null, subscription_details: { metadata, subscription } };
}

/** What was paid, credited and written off; `before` are credit notes from before the first payment. */
function settledOf(setting: StripeSetting, { payments, adjustments }: InvoiceParts, currency: string) {
  const received = payments
    .filter(({ row }) => row.status === 'succeeded')
    .map((record) => valuesOf(setting, record, currency))
    .map(({ time, minor }) => ({ at: time('paid_at'), amount: numberOf(minor('amount') ?? undefined) }));
  const first = Math.min(...received.map(({ at }) => at));
  const changes = adjustments.map((record) => ({
    kind: record.row.kind,
    at: valuesOf(setting, record, currency).time('occurred_at'),
    amount: numberOf(valuesOf(setting, record, currency).minor('amount') ?? undefined),
  }));
  const credits = changes.filter(({ kind }) => kind === 'credit_note');
  const sum = (of: readonly { amount: number }[]) => of.reduce((total, { amount }) => total + amount, 0);
  return {
    paid: sum(received),
    paidAt: received.length ? Math.max(...received.map(({ at }) => at)) : null,
    credited: {
      before: sum(credits.filter(({ at }) => at < first)),
      after: sum(credits.filter(({ at }) => at >= first)),
    },
    writtenOffAt: changes.find(({ kind }) => kind === 'write_off')?.at ?? null,
  };
}

/** The list price stands before discounts, as Stripe has it: `amount` is net of tax, discounts come off it. */
function lineOf(
  setting: StripeSetting,
  record: StoredRecord,
  { currency, issued, subscription }: { currency: string; issued: number; subscription: string | undefined },
): { line: Members; net: number; tax: number } {
  const { row, key } = record;
  const { at, minor } = valuesOf(setting, record, currency);
  const amount = minor('amount');
  const net = numberOf(amount ?? undefined);
  const listed = numberOf(minor('list_amount') ?? undefined);
  const discount = Math.max(0, row.list_amount === undefined ? 0 : listed - net);
  const tax = numberOf(minor('tax_amount') ?? undefined);
  const product = row.product ?? null;
  const line = {
    ...lineShape,
    id: key,
    amount: discount ? net + discount : amount,
    currency: currency.toLowerCase(),
    description: product,
    discount_amounts: discount ? [{ amount: discount, discount: `di_${key}` }] : [],
    invoice: row.invoice_id ?? null,
    livemode: true,
    parent: lineParent(key, row.period_start === undefined ? undefined : subscription),
    period: { start: at('period_start') ?? issued, end: at('period_end') ?? issued },
    pricing: product && { type: 'price_details', price_details: { price: `price_${product}`, product } },
    subtotal: net + discount,
    taxes: row.tax_amount === undefined ? [] : [taxOf(tax, net)],
  };
  return { line, net, tax };
}

function lineParent(key: string, subscription: string | undefined): Members {
  const shared = { proration: false, proration_details: { credited_items: null } };
  return subscription === undefined
    ? {
        type: 'invoice_item_details',
        invoice_item_details: { ...shared, invoice_item: `ii_${key}`, subscription: null },
        subscription_item_details: null,
      }
    : {
        type: 'subscription_item_details',
        invoice_item_details: null,
        subscription_item_details: {
          ...shared,
          invoice_item: null,
          subscription,
          subscription_item: `si_${subscription}`,
        },
      };
}

export function taxOf(amount: number, taxable_amount: number): Members {
  return {
    amount,
    tax_behavior: 'exclusive',
    tax_rate_details: { tax_rate: 'txr_sandbox' },
    taxability_reason: 'standard_rated',
    taxable_amount,
    type: 'tax_rate_details',
  };
}
