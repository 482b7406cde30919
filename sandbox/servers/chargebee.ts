// Chargebee's API (v2) over a company's billing: lists sorted by `updated_at` with an opaque offset, items in an envelope of their
// kind, deleted ones on demand.
import { derivedFrom, secondsOf } from './billing-values.ts';
import { creditNotesOf, transactionsOf } from './chargebee-money.ts';
import {
  type ChargebeeObject,
  type ChargebeeSetting,
  customersOf,
  invoicesOf,
  type Members,
  subscriptionsOf,
} from './chargebee-objects.ts';
import type { Store } from './company.ts';
import {
  type Answer,
  type CommonOptions,
  type Route,
  type SandboxRequest,
  type SandboxServer,
  startServer,
} from './server.ts';

/**
 * Traps beside the common ones: `partial_lines` (an invoice holds only the first of its lines), `late_stamps` (what changed shows
 * up two minutes later, with the time of the change), `equal_timestamps` (everything that happened in ten minutes has one
 * second), `repeated_page_token` (a page offers the offset that it was asked with, once), `schema_drift` (members that nobody
 * has seen before).
 */
export type ChargebeeOptions = CommonOptions & {
  readonly store: Store;
  readonly key?: string;
  /** What the key may read (`invoices`, …); default: all. */
  readonly permissions?: ReadonlySet<string>;
  readonly timeZone?: string;
  readonly port?: number;
};

const LATE_SECONDS = 120;
const pageSize = { default: 10, maximum: 100 } as const;
const inlineLines = { usual: 300, trapped: 1 } as const;

const collections = ['customers', 'subscriptions', 'invoices', 'transactions', 'credit_notes'] as const;
type Collection = (typeof collections)[number];

/** Starts the server; a key of any text will do. */
export async function startChargebee({
  store,
  key = 'sandbox_live_key',
  permissions,
  timeZone = 'America/New_York',
  ...options
}: ChargebeeOptions): Promise<SandboxServer & { readonly store: Store }> {
  const expected = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
  let server: SandboxServer;
  const site = derivedFrom(store, () => siteOf({ store, timeZone }, server.has('equal_timestamps')));
  const routes = collections.flatMap((name): Route[] => [
    { method: 'GET', path: `/api/v2/${name}`, answer: (request) => listOf(name, request) },
    { method: 'GET', path: `/api/v2/${name}/:id`, answer: (request) => objectOf(name, request) },
  ]);
  server = await startServer({
    ...options,
    routes,
    errorBody: (status, message) => errorBody(status, message),
    before: ({ headers, path }) => {
      if (headers.authorization !== expected) return failure(401, 'Sorry, authentication failed. Invalid API key.');
      const resource = path.split('/')[3] ?? '';
      return permissions && !permissions.has(resource)
        ? failure(403, `Sorry, the API key has no permission to read ${resource}.`)
        : undefined;
    },
  });
  return { ...server, store };

  function listOf(name: Collection, { query }: SandboxRequest): Answer {
    const limit = Number(query.get('limit') ?? pageSize.default);
    if (!(limit >= 1 && limit <= pageSize.maximum)) return failure(400, 'limit : must be between 1 and 100');
    const visible = secondsOf(server.now()) - (server.has('late_stamps') ? LATE_SECONDS : 0);
    const asked = site()[name].filter(
      ({ updated_at, deleted }) =>
        updated_at <= visible && isIn(query, updated_at) && (query.get('include_deleted') === 'true' || !deleted),
    );
    const given = query.get('offset');
    const place = given === null ? undefined : placeOf(given);
    const start = place === undefined ? 0 : asked.findIndex((object) => isAfter(object, place));
    const page = start < 0 ? [] : asked.slice(start, start + limit);
    const last = page.at(-1);
    const hasMore = start >= 0 && start + limit < asked.length;
    const next = hasMore && last ? offsetOf(last) : undefined;
    const again = given !== null && next !== undefined && server.fireOnce('repeated_page_token');
    return {
      body: {
        list: page.map((object) => ({ [String(object.object)]: sent(name, object) })),
        ...(next === undefined ? {} : { next_offset: again ? given : next }),
      },
    };
  }

  function objectOf(name: Collection, { parameters, query }: SandboxRequest): Answer {
    const object = site()[name].find(({ id }) => id === parameters.id);
    if (!object || object.deleted) return failure(404, `${parameters.id} not found`);
    const offset = Number(query.get('line_items_offset') ?? 0);
    return { body: { [String(object.object)]: sent(name, object, offset) } };
  }

  function sent(name: Collection, object: ChargebeeObject, offset = 0): Members {
    return {
      ...object,
      ...(name === 'invoices' ? linesFrom(object, offset) : {}),
      ...(server.has('schema_drift') ? { loyalty: { tier: 'gold', points: 12 } } : {}),
    };
  }

  function linesFrom(invoice: ChargebeeObject, offset: number): Members {
    const limit = server.has('partial_lines') ? inlineLines.trapped : inlineLines.usual;
    const lines = invoice.line_items as readonly Members[];
    const next = offset + limit < lines.length ? { line_items_next_offset: String(offset + limit) } : {};
    return { line_items: lines.slice(offset, offset + limit), ...next };
  }
}

function siteOf(setting: ChargebeeSetting, hasEqualTimes: boolean): Readonly<Record<Collection, ChargebeeObject[]>> {
  const sorted = (objects: ChargebeeObject[]) =>
    objects
      .map((object) =>
        hasEqualTimes ? { ...object, updated_at: object.updated_at - (object.updated_at % 600) } : object,
      )
      .sort((a, b) => a.updated_at - b.updated_at || (a.id < b.id ? -1 : 1));
  return {
    customers: sorted(customersOf(setting)),
    subscriptions: sorted(subscriptionsOf(setting)),
    invoices: sorted(invoicesOf(setting)),
    transactions: sorted(transactionsOf(setting)),
    credit_notes: sorted(creditNotesOf(setting)),
  };
}

function isIn(query: URLSearchParams, updated_at: number): boolean {
  const bound = (name: string) =>
    query.has(`updated_at[${name}]`) ? Number(query.get(`updated_at[${name}]`)) : undefined;
  const [after, before] = [bound('after'), bound('before')];
  return (after === undefined || updated_at > after) && (before === undefined || updated_at < before);
}

type Place = { readonly updated_at: number; readonly id: string };

function offsetOf({ updated_at, id }: Place): string {
  return Buffer.from(JSON.stringify([String(updated_at), id])).toString('base64url');
}

function placeOf(offset: string): Place {
  const [updated_at, id] = JSON.parse(Buffer.from(offset, 'base64url').toString()) as [string, string];
  return { updated_at: Number(updated_at), id };
}

function isAfter(object: Place, place: Place): boolean {
  return object.updated_at > place.updated_at || (object.updated_at === place.updated_at && object.id > place.id);
}

const errorCodes: Readonly<Record<number, string>> = {
  400: 'param_wrong_value',
  401: 'api_authentication_failed',
  403: 'api_authorization_failed',
  404: 'resource_not_found',
  429: 'api_request_limit_exceeded',
  503: 'internal_temporary_error',
};

function errorBody(status: number, message: string): Members {
  const code = errorCodes[status] ?? 'internal_error';
  return { message, type: 'invalid_request', api_error_code: code, error_code: code, http_status_code: status };
}

function failure(status: number, message: string): Answer {
  return { status, body: errorBody(status, message) };
}
