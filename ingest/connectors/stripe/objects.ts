// The kinds of objects that are read from Stripe: where they are listed, which events speak of them, and what they map to.
import type { RecordMapping } from '../../api.ts';
import { losses } from '../../losses.ts';
import type { StripeContext } from '../stripe.ts';
import { creditNotes, disputes, refunds, writeOffs } from './adjustments.ts';
import { pagesOf, type Query, type StripeItem } from './client.ts';
import { keepDeleted } from './deleted-customers.ts';
import { customers, deletedCustomers, invoiceLines, invoices, subscriptions } from './mappings.ts';
import { payments } from './payments.ts';
import type { Fetching, Target } from './read.ts';

type EventObject = NonNullable<StripeItem['data']>['object'];

export type Collection = {
  readonly name: string;
  readonly records: readonly RecordMapping[];
  /** Read one after another when everything is listed. */
  readonly lists: readonly { readonly path: string; readonly kind: string; readonly query?: Query }[];
  /** At most 20, as Stripe takes no more. */
  readonly events: readonly string[];
  /** What an event's object asks to be read again. */
  targets(object: EventObject): readonly Target[];
  /** Whether an object that was read again is kept. */
  keeps(item: StripeItem): boolean;
  /** Before each batch: pages that all of its records need. */
  begin?(fetching: Fetching): Promise<void>;
  /** After everything was listed, with the ids that were: what lists leave out. */
  finish?(fetching: Fetching, listed: ReadonlySet<string>): Promise<void>;
  /** After an object was fetched: what it holds only in part. */
  complete?(fetching: Fetching, kind: string, item: StripeItem): Promise<void>;
};

/** What `check` asks for, and what is missing without it. */
export const needs = [
  { subject: 'customers', path: '/v1/customers', without: losses.billing_customers },
  { subject: 'subscriptions', path: '/v1/subscriptions', without: losses.subscriptions },
  { subject: 'invoices', path: '/v1/invoices', without: losses.invoices },
  { subject: 'invoice payments', path: '/v1/invoice_payments', without: losses.payments },
  { subject: 'charges', path: '/v1/charges', without: 'money that pays no invoice is not reconciled' },
  { subject: 'refunds', path: '/v1/refunds', without: 'refunds do not lower what is paid' },
  { subject: 'credit notes', path: '/v1/credit_notes', without: 'credit notes do not lower revenue' },
  { subject: 'disputes', path: '/v1/disputes', without: 'lost disputes do not lower what is paid' },
  { subject: 'events', path: '/v1/events', without: 'changes are not seen' },
] as const;

type Details = Omit<Collection, 'name'>;

const collections: Readonly<Record<string, (context: StripeContext) => Details>> = {
  customers: (context) => ({
    ...simple('customers', [customers(context), deletedCustomers]),
    finish: keepDeleted,
    events: ['customer.created', 'customer.updated', 'customer.deleted'],
  }),
  subscriptions: (context) => ({
    ...simple('subscriptions', [subscriptions(context)], { status: 'all' }),
    events: ['created', 'updated', 'deleted', 'paused', 'resumed'].map((what) => `customer.subscription.${what}`),
  }),
  invoices: (context) => ({
    ...simple('invoices', [invoices(context), invoiceLines(context), writeOffs]),
    events: ['finalized', 'updated', 'paid', 'voided', 'marked_uncollectible', 'overpaid'].map(
      (what) => `invoice.${what}`,
    ),
    complete: otherLines,
  }),
  payments: paymentsCollection,
  refunds: () => ({
    ...simple('refunds', [refunds]),
    events: ['refund.created', 'refund.updated', 'refund.failed'],
  }),
  credit_notes: () => ({
    ...simple('credit_notes', [creditNotes]),
    events: ['credit_note.created', 'credit_note.updated', 'credit_note.voided'],
  }),
  disputes: (context) => ({
    ...simple('disputes', disputes(context)),
    events: ['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map(
      (what) => `charge.dispute.${what}`,
    ),
    begin: closings,
  }),
};

/** All collections, in the order in which they are read. */
export function collectionsOf(context: StripeContext): Collection[] {
  return Object.entries(collections).map(([name, details]) => ({ name, ...details(context) }));
}

/** A kind with one list, whose events carry the object itself. */
function simple(kind: string, records: readonly RecordMapping[], query: Query = {}): Omit<Details, 'events'> {
  return {
    records,
    lists: [{ path: `/v1/${kind}`, kind, query }],
    targets: ({ id }) => [{ kind, path: `/v1/${kind}/${encodeURIComponent(id)}` }],
    keeps,
  };
}

/** A deleted customer stays as it was last known: its invoices are kept too. */
function keeps({ deleted }: StripeItem): boolean {
  return deleted !== true;
}

/** Applications first, so that a charge that is applied is known when charges are read. */
function paymentsCollection(context: StripeContext): Details {
  const kind = 'invoice_payments';
  const path = '/v1/invoice_payments';
  return {
    records: payments(context),
    lists: [
      { path, kind },
      { path: '/v1/charges', kind: 'charges' },
    ],
    events: [
      'invoice_payment.paid',
      'charge.succeeded',
      'charge.captured',
      'charge.updated',
      'charge.failed',
      'charge.pending',
      'invoice.payment_failed',
      'invoice.voided',
    ],
    targets({ object, id, payment_intent }) {
      if (object === 'invoice') return [{ kind, path, query: { invoice: id } }];
      if (object === 'invoice_payment') return [{ kind, path: `${path}/${encodeURIComponent(id)}` }];
      const charge = { kind: 'charges', path: `/v1/charges/${encodeURIComponent(id)}` };
      if (typeof payment_intent !== 'string') return [charge];
      const query = { 'payment[type]': 'payment_intent', 'payment[payment_intent]': payment_intent };
      return [{ kind, path, query }, charge];
    },
    keeps,
  };
}

/** Pages of the lines that an invoice does not hold itself. */
async function otherLines(
  { client, pages, context }: Fetching,
  kind: string,
  { id, lines }: StripeItem,
): Promise<void> {
  if (kind !== 'invoices' || !lines?.has_more) return;
  const path = `/v1/invoices/${encodeURIComponent(id)}/lines`;
  const place = { query: {}, after: lines.data.at(-1)?.id, origin: `${context.source}: lines of invoice ${id}` };
  for await (const { page } of pagesOf(client, path, place)) await pages.add('lines', page.bytes, '$.data[*]');
}

/** The events of the last 30 days that closed a dispute: the only place where Stripe says when one was lost. */
async function closings({ client, pages, context }: Fetching): Promise<void> {
  const place = { query: { 'types[]': ['charge.dispute.closed'] }, origin: `${context.source}: disputes` };
  for await (const { page } of pagesOf(client, '/v1/events', place))
    await pages.add('closings', page.bytes, '$.data[*]');
}
