// Crossbeam's API (v1) over the sandbox company: OAuth tokens of 24 hours, the organization header, overlaps as a change feed
// whose bookmark goes astray in silence when the query changes, and a record export quota.
import { createHash } from 'node:crypto';
import type { Store } from './company.ts';
import {
  createFeed,
  type FeedEntry,
  OUR_ORGANIZATION,
  type Overlap,
  partnersOf,
  populationsOf,
} from './crossbeam-objects.ts';
import { type Answer, type CommonOptions, type SandboxRequest, type SandboxServer, startServer } from './server.ts';

/**
 * Traps beside the common ones: `data_envelope` (the array is `data`), `repeated_page_token` (a page's next link leads to itself),
 * `expired_bookmark` (404 for a cursor, once), `export_quota` (no records are left to export), `schema_drift` (a field that nobody
 * has seen before).
 */
export type CrossbeamOptions = CommonOptions & {
  readonly store: Store;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  readonly organization?: string;
  readonly port?: number;
};

const TOKEN_SECONDS = 86_400;
const limits = { default: 25, maximum: 1000 } as const;

/** Where a reader is: changes after number `after` up to `to` (a bookmark: whatever is new then), asked for by one query. */
type Cursor = {
  readonly query: string;
  readonly is_first_read: boolean;
  readonly after: number;
  readonly to: number | null;
};

export async function startCrossbeam({
  store,
  clientId = 'xb-client',
  clientSecret = 'xb-secret',
  refreshToken = 'xb-refresh',
  organization = '3f0c6a52-9d5a-4b1e-8a7e-0d7b9f4a1c11',
  ...options
}: CrossbeamOptions): Promise<SandboxServer & { readonly store: Store }> {
  const feed = createFeed(store);
  const tokens = new Map<string, number>();
  let server: SandboxServer;
  server = await startServer({
    ...options,
    errorBody: (_status, message) => ({ message }),
    before: authorize,
    routes: [
      { method: 'POST', path: '/oauth/token', answer: token },
      { method: 'GET', path: '/v1/users/me', answer: profile },
      { method: 'GET', path: '/v1/partners', answer: () => listed(partnersOf(store)) },
      { method: 'GET', path: '/v1/populations', answer: () => listed(populationsOf(OUR_ORGANIZATION)) },
      {
        method: 'GET',
        path: '/v1/partner-populations',
        answer: () => listed(partnersOf(store).flatMap(({ id }) => populationsOf(id))),
      },
      { method: 'GET', path: '/v1/overlaps/accounts', answer: overlaps },
    ],
  });
  return { ...server, store };

  function authorize({ path, headers }: SandboxRequest): Answer | undefined {
    if (path === '/oauth/token') return undefined;
    const expires = tokens.get(String(headers.authorization ?? '').replace(/^Bearer /, ''));
    if (expires === undefined || expires <= server.now()) return failure(401, 'Unauthorized');
    if (path === '/v1/users/me' || headers['xbeam-organization'] === organization) return undefined;
    return headers['xbeam-organization']
      ? failure(403, 'You are no member of this organization')
      : failure(400, 'Xbeam-Organization header is required');
  }

  function token(request: SandboxRequest): Answer {
    const form = request.form();
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
      return { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } };
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== refreshToken)
      return { status: 403, body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' } };
    const access_token = `xb-access-${tokens.size + 1}`;
    tokens.set(access_token, server.now() + TOKEN_SECONDS * 1000);
    return { body: { access_token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: 'openid read:reports' } };
  }

  function profile(): Answer {
    return {
      body: { user: { id: 1 }, authorizations: [{ organization: { id: OUR_ORGANIZATION, uuid: organization } }] },
    };
  }

  function listed(items: readonly unknown[]): Answer {
    return { body: { [server.has('data_envelope') ? 'data' : 'items']: items } };
  }

  function overlaps(request: SandboxRequest): Answer {
    if (server.has('export_quota')) return failure(403, 'Record export limit reached');
    if (request.query.has('cursor') && server.fireOnce('expired_bookmark')) return failure(404, 'Unknown cursor');
    const limit = Number(request.query.get('limit') ?? limits.default);
    if (!(limit >= 1 && limit <= limits.maximum)) return failure(400, 'limit must be between 1 and 1000');
    const query = fingerprintOf(request.query);
    const asked = readCursor(request.query.get('cursor')) ?? { query, is_first_read: true, after: 0, to: null };
    const cursor = { ...asked, to: asked.to ?? feed.last() };
    // Another query than the one that made the bookmark: an answer comes, without what the bookmark should have brought.
    const found = cursor.query === query ? changesOf(feed.entries(), cursor) : [];
    const page = found.slice(0, limit);
    const has_more = found.length > limit;
    const isRepeat = has_more && server.has('repeated_page_token');
    const next: Cursor = has_more
      ? { ...cursor, after: isRepeat ? cursor.after : page.at(-1)!.sequence }
      : { query, is_first_read: false, after: cursor.to, to: null };
    return {
      body: {
        [server.has('data_envelope') ? 'data' : 'items']: page.map(sent),
        pagination: { limit, has_more, ...nextOf(request, next) },
      },
    };
  }

  function sent({ overlap, is_deleted }: FeedEntry): Overlap {
    const { key: _, ...fields } = overlap;
    return {
      ...fields,
      is_deleted,
      ...(server.has('schema_drift') ? { partner_record_score: 0.7 } : {}),
    } as unknown as Overlap;
  }
}

/** In the order of their last change, so that a change during a read moves an overlap behind its end and hides none. */
function changesOf(
  entries: readonly FeedEntry[],
  { after, to, is_first_read }: Cursor & { readonly to: number },
): FeedEntry[] {
  return entries
    .filter(({ sequence, is_deleted }) => sequence > after && sequence <= to && !(is_first_read && is_deleted))
    .sort((left, right) => left.sequence - right.sequence);
}

function fingerprintOf(query: URLSearchParams): string {
  const asked = [...query].filter(([name]) => name !== 'cursor').sort();
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
}

function readCursor(text: string | null): Cursor | undefined {
  return text ? (JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Cursor) : undefined;
}

function nextOf({ query, path, baseUrl }: SandboxRequest, cursor: Cursor) {
  const next_cursor = Buffer.from(JSON.stringify(cursor)).toString('base64url');
  const next = new URLSearchParams(query);
  next.set('cursor', next_cursor);
  return { next_cursor, next_href: `${baseUrl}${path}?${next}` };
}

function failure(status: number, message: string): Answer {
  return { status, body: { message } };
}
