// Stripe's API (version 2026-10-28.endive) over a company's billing: lists newest first, objects by id, events of 30 days.
import { derivedFrom, secondsOf } from './billing-values.ts';
import type { Store } from './company.ts';
import {
  type Answer,
  type CommonOptions,
  type Route,
  type SandboxRequest,
  type SandboxServer,
  startServer,
} from './server.ts';
import { eventOf, type Notice, noticesOf } from './stripe-events.ts';
import { chargesOf, creditNotesOf, invoicePaymentsOf, refundsOf, stripeDisputesOf } from './stripe-money.ts';
import { customersOf, invoicesOf, type StripeSetting, subscriptionsOf } from './stripe-objects.ts';
import { list, type Members, type StripeObject } from './stripe-shapes.ts';

/**
 * Traps beside the common ones: `partial_lines` (an invoice holds only the first of its lines), `late_events` (events show up
 * twenty minutes after they happened), `equal_timestamps` (events of ten minutes have one second), `repeated_page_token` (a list
 * gives the same page again, once), `test_mode_objects` (every tenth invoice is of test mode), `schema_drift` (members that
 * nobody has seen before).
 */
export type StripeOptions = CommonOptions & {
  readonly store: Store;
  readonly key?: string;
  /** What a restricted key may read (`invoices`, …); default: all. */
  readonly permissions?: ReadonlySet<string>;
  readonly keyIsExpired?: boolean;
  readonly timeZone?: string;
  readonly port?: number;
};

const API_VERSION = '2026-10-28.endive';
const HORIZON_SECONDS = 30 * 86_400;
const LATE_SECONDS = 20 * 60;
const inlineLines = { usual: 10, trapped: 1 } as const;
const pageSize = { default: 10, maximum: 100 } as const;

const collections = [
  'customers',
  'subscriptions',
  'invoices',
  'invoice_payments',
  'charges',
  'refunds',
  'credit_notes',
  'disputes',
] as const;
type Collection = (typeof collections)[number];

const kinds: Readonly<Record<string, Collection>> = {
  customer: 'customers',
  subscription: 'subscriptions',
  invoice: 'invoices',
  invoice_payment: 'invoice_payments',
  charge: 'charges',
  refund: 'refunds',
  credit_note: 'credit_notes',
  dispute: 'disputes',
};

/** Starts the server; a key of any text will do. */
export async function startStripe({
  store,
  key = 'sandbox_live_key',
  permissions,
  keyIsExpired = false,
  timeZone = 'America/New_York',
  ...options
}: StripeOptions): Promise<SandboxServer & { readonly store: Store }> {
  let server: SandboxServer;
  const account = derivedFrom(store, () => accountOf({ store, timeZone }, server.has('equal_timestamps')));
  const routes: Route[] = [
    { method: 'GET', path: '/v1/account', answer: () => ({ body: { id: 'acct_sandbox', object: 'account' } }) },
    { method: 'GET', path: '/v1/events', answer: (request) => listEvents(request) },
    { method: 'GET', path: '/v1/invoices/:id/lines', answer: (request) => listLines(request) },
    ...collections.flatMap((name): Route[] => [
      { method: 'GET', path: `/v1/${name}`, answer: (request) => listOf(name, request) },
      { method: 'GET', path: `/v1/${name}/:id`, answer: ({ parameters }) => objectOf(name, parameters.id!) },
    ]),
  ];
  server = await startServer({
    ...options,
    routes,
    errorBody: (status, message) => errorBody(message, status === 429 ? { code: 'rate_limit' } : {}),
    headers: () => ({ 'stripe-version': API_VERSION, 'request-id': 'req_sandbox' }),
    before: refused,
  });
  return { ...server, store };

  function refused({ headers, path }: SandboxRequest): Answer | undefined {
    const given = keyOf(headers.authorization);
    if (given === undefined) return failure(401, 'You did not provide an API key.');
    if (given !== key) return failure(401, `Invalid API Key provided: ${given.slice(0, 3)}********`);
    if (keyIsExpired)
      return failure(401, `Expired API Key provided: ${given.slice(0, 3)}********`, { code: 'api_key_expired' });
    const version = headers['stripe-version'];
    if (version !== undefined && version !== API_VERSION) return failure(400, `Invalid Stripe API version: ${version}`);
    const resource = path.split('/')[2] ?? '';
    if (permissions && !permissions.has(resource)) return forbidden(resource);
    return undefined;
  }

  function listOf(name: Collection, request: SandboxRequest): Answer {
    const { query } = request;
    const found = account()[name].all.filter(
      (object) =>
        (!query.has('invoice') || object.invoice === query.get('invoice')) &&
        (!query.has('payment[payment_intent]') ||
          (object.payment as Members | undefined)?.payment_intent === query.get('payment[payment_intent]')) &&
        (name !== 'subscriptions' || query.has('status') || object.status !== 'canceled'),
    );
    return paged(found, request, (object) => sent(name, object));
  }

  function listLines(request: SandboxRequest): Answer {
    const lines = account().lines.get(request.parameters.id!);
    if (!lines) return missing('invoice', request.parameters.id!);
    return paged(lines as StripeObject[], request, (line) => drifted(line));
  }

  function objectOf(name: Collection, id: string): Answer {
    const object = account()[name].byId.get(id);
    if (object) return { body: sent(name, object) };
    const stream = { customers: 'billing_customers', invoices: 'invoices' } as const;
    const record =
      name in stream && store.records(stream[name as keyof typeof stream]).find((other) => other.key === id);
    return record && record.deletedAt !== undefined
      ? { body: { id, object: name.slice(0, -1), deleted: true } }
      : missing(name.slice(0, -1), id);
  }

  function listEvents(request: SandboxRequest): Answer {
    const now = secondsOf(server.now());
    const late = server.has('late_events') ? LATE_SECONDS : 0;
    // Clients write a list as `types[]` or with numbers, as the SDK does.
    const types = [...request.query].flatMap(([name, value]) => (/^types\[\d*\]$/.test(name) ? value : []));
    const seen = account().notices.filter(
      ({ created, type }) =>
        created >= now - HORIZON_SECONDS && created <= now - late && (!types.length || types.includes(type)),
    );
    return paged(seen, request, (notice) => {
      const object = account()[kinds[notice.kind]!].byId.get(notice.object);
      return eventOf(
        notice,
        object ?? { id: notice.object, object: notice.kind, created: notice.created, deleted: true },
      );
    });
  }

  /** What is sent of an object: with the inline lines that Stripe would send, and what traps do to it. */
  function sent(name: Collection, object: StripeObject): Members {
    const index = account()[name].indexOf.get(object.id) ?? 0;
    const tenth = index % 10 === 5;
    const shown = name === 'invoices' ? withInlineLines(object) : object;
    return drifted({
      ...shown,
      ...(tenth && name === 'invoices' && server.has('test_mode_objects') ? { livemode: false } : {}),
    });
  }

  function withInlineLines(invoice: StripeObject): StripeObject {
    const limit = server.has('partial_lines') ? inlineLines.trapped : inlineLines.usual;
    const { data, url } = invoice.lines as { data: readonly Members[]; url: string };
    const lines = data.slice(0, limit).map(drifted);
    return { ...invoice, lines: list(url, lines, data.length > limit) };
  }

  function drifted(object: Members): Members {
    return server.has('schema_drift') ? { ...object, loyalty: { tier: 'gold', points: 12 } } : object;
  }

  function paged<Item extends { id: string; created: number }>(
    items: readonly Item[],
    { query, path }: SandboxRequest,
    send: (item: Item) => unknown,
  ): Answer {
    const limit = Number(query.get('limit') ?? pageSize.default);
    if (!(limit >= 1 && limit <= pageSize.maximum)) return failure(400, 'Invalid limit', { param: 'limit' });
    const inRange = items.filter(({ created }) => isIn(query, created));
    const after = query.get('starting_after');
    const place = after === null ? -1 : inRange.findIndex(({ id }) => id === after);
    if (after !== null && place < 0) return missing(path.split('/')[2]!.slice(0, -1), after, 'starting_after');
    const isAgain = after !== null && server.fireOnce('repeated_page_token');
    const start = isAgain ? Math.max(0, place + 1 - limit) : place + 1;
    const page = inRange.slice(start, start + limit);
    return { body: list(path, page.map(send), start + limit < inRange.length) };
  }
}

type Indexed = {
  readonly all: readonly StripeObject[];
  readonly byId: ReadonlyMap<string, StripeObject>;
  readonly indexOf: ReadonlyMap<string, number>;
};

function accountOf(setting: StripeSetting, hasEqualTimes: boolean) {
  const invoices = invoicesOf(setting);
  const indexed = (objects: readonly StripeObject[]): Indexed => {
    const all = objects.toSorted((a, b) => b.created - a.created);
    return {
      all,
      byId: new Map(all.map((object) => [object.id, object])),
      indexOf: new Map(all.map(({ id }, index) => [id, index])),
    };
  };
  return {
    customers: indexed(customersOf(setting)),
    subscriptions: indexed(subscriptionsOf(setting)),
    invoices: indexed(invoices.map(({ invoice }) => invoice)),
    invoice_payments: indexed(invoicePaymentsOf(setting)),
    charges: indexed(chargesOf(setting)),
    refunds: indexed(refundsOf(setting)),
    credit_notes: indexed(creditNotesOf(setting)),
    disputes: indexed(stripeDisputesOf(setting)),
    lines: new Map(
      invoices.map(({ invoice, lines }) => [invoice.id, lines.map((line) => ({ ...line, created: invoice.created }))]),
    ),
    notices: hasEqualTimes ? noticesOf(setting).map(rounded) : noticesOf(setting),
  };
}

/** The closing of a dispute keeps its time: it is what Stripe has of the date. */
function rounded(notice: Notice): Notice {
  if (notice.type === 'charge.dispute.closed') return notice;
  return { ...notice, created: notice.created - (notice.created % 600) };
}

function isIn(query: URLSearchParams, created: number): boolean {
  const bound = (name: string) => (query.has(`created[${name}]`) ? Number(query.get(`created[${name}]`)) : undefined);
  const [gte, gt, lte, lt] = ['gte', 'gt', 'lte', 'lt'].map(bound);
  return (
    (gte === undefined || created >= gte) &&
    (gt === undefined || created > gt) &&
    (lte === undefined || created <= lte) &&
    (lt === undefined || created < lt)
  );
}

/** The key of a Bearer or of a Basic header. */
function keyOf(authorization: string | string[] | undefined): string | undefined {
  const [scheme, value = ''] = String(authorization ?? '').split(' ');
  if (scheme === 'Bearer') return value;
  return scheme === 'Basic' ? Buffer.from(value, 'base64').toString().split(':')[0] : undefined;
}

function errorBody(message: string, more: Members = {}): Members {
  return { error: { message, type: 'invalid_request_error', ...more } };
}

function failure(status: number, message: string, more: Members = {}): Answer {
  return { status, body: errorBody(message, more) };
}

function missing(kind: string, id: string, param = 'id'): Answer {
  const status = param === 'id' ? 404 : 400;
  return failure(status, `No such ${kind}: '${id}'`, { code: 'resource_missing', param });
}

function forbidden(resource: string): Answer {
  const permission = `rak_${resource.replace(/s$/, '')}_read`;
  return failure(
    403,
    `The provided key does not have the required permissions for this endpoint on account 'acct_sandbox'. Having the '${permission}' permission would allow this request to continue.`,
  );
}
