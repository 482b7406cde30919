// HubSpot's CRM API (dated paths and v3/v4) over the sandbox company: lists, search, batch reads, associations, archived and
// merged records, owners, pipelines, property definitions, scopes, rate limits. Traps are switched on by name.
import { type Change, type Company, createStore, keyOf, type Store } from './company.ts';
import { createEdits, type HubspotEdits } from './hubspot-edits.ts';
import { createLimiter, failure, type Limits, missingScope, unauthorised } from './hubspot-guard.ts';
import { createPortal, type ObjectType, objectTypes, registrationTypeId } from './hubspot-objects.ts';
import { propertyDefinitions, schemas } from './hubspot-properties.ts';
import { type Context, find, firstAbove, linksOf, presented } from './hubspot-records.ts';
import { type SearchBody, search } from './hubspot-search.ts';
import { listOwners, pipeline } from './hubspot-settings.ts';
import {
  type Answer,
  type CommonOptions,
  type Route,
  type SandboxRequest,
  type SandboxServer,
  startServer,
} from './server.ts';

export const hubspotScopes = [
  'crm.objects.companies.read',
  'crm.objects.contacts.read',
  'crm.objects.deals.read',
  'crm.objects.leads.read',
  'crm.objects.custom.read',
  'crm.objects.owners.read',
  'crm.schemas.custom.read',
  'sales-email-read',
] as const;

/**
 * Traps beside the common ones: `search_lag` (search does not show changes of the last minute), `late_stamps` (a change is
 * stamped eight minutes before it can be seen), `equal_timestamps` (a bulk edit gave every object the same time of change; set at
 * the start, or `bulkEdit`), `silent_associations` (what changes about associated records leaves a record's own time of change
 * alone), `merges_make_new_id` (set at the start), `repeated_page_token`, `schema_drift` (one more property and one more member
 * in every object), `property_removed` (the property with the partner is gone).
 */
export type HubspotOptions = CommonOptions & {
  readonly company?: Company;
  /** Shared with other vendors' servers; default: made from `company`. */
  readonly store?: Store;
  readonly token?: string;
  readonly scopes?: readonly string[];
  /** The largest page that is given, whatever is asked for; for tests with few records. */
  readonly pageLimit?: number;
  /** Requests in ten seconds, searches in one; default HubSpot's own 190 and 5. */
  readonly limits?: Limits;
};

export type HubspotServer = SandboxServer & {
  readonly store: Store;
  readonly edits: HubspotEdits;
  /** Applies a change now; under `late_stamps` with a stamp of eight minutes ago, but never before an earlier change. */
  apply(change: Change): void;
  /** Touches every object now, as a bulk edit does. */
  bulkEdit(): void;
};

const SEARCH_LAG = 60_000;
const LATENESS = 8 * 60_000;
export const hubspotToken = 'pat-na1-sandbox-0000';

/** Starts the server. Any other token than `token` is refused; so is what `scopes` does not hold. */
export async function startHubspot(options: HubspotOptions): Promise<HubspotServer> {
  const store = options.store ?? createStore(options.company!);
  const traps = options.traps ?? new Set<string>();
  const edits = createEdits();
  let bulk_edited_at = traps.has('equal_timestamps') ? Date.parse(store.asOf) : 0;
  const portal = createPortal(
    store,
    () => ({
      merges_make_new_id: traps.has('merges_make_new_id'),
      silent_associations: has('silent_associations'),
      bulk_edited_at,
    }),
    edits,
  );
  const limiter = createLimiter(options.limits ?? { tenSeconds: 190, searchSecond: 5 });
  let server: SandboxServer | undefined;
  const has = (trap: string) => server?.has(trap) ?? traps.has(trap);
  const context: Context = {
    portal,
    edits,
    has,
    now: options.now ?? Date.now,
    fireOnce: (trap) => server!.fireOnce(trap),
    pageLimit: options.pageLimit ?? Number.POSITIVE_INFINITY,
  };
  server = await startServer({
    ...options,
    routes: routesOf(context),
    before: (request) =>
      unauthorised(request, options.token ?? hubspotToken) ??
      missingScope(request, options.scopes ?? hubspotScopes) ??
      limiter.refuse(request),
    headers: limiter.headers,
    errorBody: (status, message) => failure(status, message).body,
  });
  let last = 0;
  return {
    ...server,
    store,
    edits,
    apply(change) {
      const key = change.kind === 'upsert' ? keyOf(change.stream, change.row) : change.key;
      const known = store.records(change.stream).find((record) => record.key === key)?.updatedAt ?? 0;
      last = Math.max(last + 1, known + 1, context.now() - (has('late_stamps') ? LATENESS : 0));
      store.apply(change, last);
    },
    bulkEdit() {
      bulk_edited_at = context.now();
    },
  };
}

function routesOf(context: Context): Route[] {
  const both = (method: string, tail: string, answer: Route['answer']): Route[] =>
    ['/crm/objects/:version', '/crm/v3/objects'].map((head) => ({ method, path: `${head}${tail}`, answer }));
  const dated = (method: string, area: string, tail: string, answer: Route['answer']): Route[] => [
    { method, path: `/crm/${area}/:version${tail}`, answer },
    { method, path: `/crm/${area === 'associations' ? 'v4' : 'v3'}/${area}${tail}`, answer },
  ];
  return [
    { method: 'GET', path: '/crm/v3/owners', answer: (request) => listOwners(context.portal, request) },
    { method: 'GET', path: '/crm/owners/:version', answer: (request) => listOwners(context.portal, request) },
    ...dated('GET', 'pipelines', '/:type', () => ({ body: { results: [pipeline(context.portal)] } })),
    ...dated('GET', 'properties', '/:type', (request) => ({
      body: { results: propertyDefinitions(typeOf(request)!, context.has) },
    })),
    ...dated('POST', 'associations', '/:type/:to/batch/read', (request) => readAssociations(context, request)),
    { method: 'GET', path: '/crm-object-schemas/v3/schemas', answer: () => ({ body: { results: schemas() } }) },
    { method: 'GET', path: '/account-info/v3/details', answer: () => ({ body: account }) },
    ...both('POST', '/:type/search', (request) => runSearch(context, request)),
    ...both('POST', '/:type/batch/read', (request) => readBatch(context, request)),
    ...both('GET', '/:type/:id', (request) => readOne(context, request)),
    ...both('GET', '/:type', (request) => list(context, request)),
  ];
}

const account = { portalId: 4727653, accountType: 'SANDBOX', timeZone: 'US/Eastern', companyCurrency: 'USD' };

function typeOf(request: SandboxRequest): ObjectType | undefined {
  const { type = '' } = request.parameters;
  if (type === registrationTypeId || type === 'p_partner_registrations') return 'partner_registrations';
  return objectTypes.find((known) => known === type);
}

function list(context: Context, request: SandboxRequest): Answer {
  const type = typeOf(request);
  if (!type) return failure(404, `Unable to infer object type from: ${request.parameters.type}`);
  const { query } = request;
  const limit = Number(query.get('limit') ?? 10);
  const history = names(query.getAll('propertiesWithHistory'));
  const largest = history.length ? 50 : 100;
  if (!(limit >= 1 && limit <= largest)) return failure(400, `Invalid limit: ${limit}; must be at most ${largest}`);
  const isArchived = query.get('archived') === 'true';
  const after = Number(query.get('after') ?? 0);
  const all = context.portal.objects(type).filter((object) => (object.archivedAt !== undefined) === isArchived);
  const rest = all.slice(firstAbove(all, after));
  const size = Math.min(limit, context.pageLimit);
  const page = rest.slice(0, size);
  const token =
    query.get('after') && rest.length > size && context.fireOnce('repeated_page_token')
      ? query.get('after')!
      : page.at(-1)?.id;
  const link = `${request.baseUrl}${request.path}?after=${token}`;
  return {
    body: {
      results: page.map((object) =>
        presented(context, type, object, {
          properties: names(query.getAll('properties')),
          history,
          associations: names(query.getAll('associations')),
        }),
      ),
      ...(rest.length > size && token ? { paging: { next: { after: token, link } } } : {}),
    },
  };
}

function runSearch(context: Context, request: SandboxRequest): Answer {
  const type = typeOf(request);
  if (!type) return failure(404, `Unable to infer object type from: ${request.parameters.type}`);
  const body = request.json() as SearchBody;
  const horizon = context.has('search_lag') ? context.now() - SEARCH_LAG : Number.POSITIVE_INFINITY;
  const shown = context.portal.objects(type).filter((object) => !object.archivedAt && object.updatedAt <= horizon);
  const result = search(shown, body, context.pageLimit);
  if ('problem' in result) return failure(400, result.problem);
  return {
    body: {
      total: result.total,
      results: result.page.map((object) => presented(context, type, object, { properties: body.properties ?? [] })),
      ...(result.after ? { paging: { next: { after: result.after } } } : {}),
    },
  };
}

function readBatch(context: Context, request: SandboxRequest): Answer {
  const type = typeOf(request);
  if (!type) return failure(404, `Unable to infer object type from: ${request.parameters.type}`);
  const body = request.json() as { inputs: { id: string }[]; properties?: string[]; propertiesWithHistory?: string[] };
  const largest = body.propertiesWithHistory?.length ? 50 : 100;
  if (body.inputs.length > largest) return failure(400, `The maximum batch size is ${largest}`);
  const found = body.inputs.map(({ id }) => find(context, type, id)).filter((object) => object !== undefined);
  return {
    status: found.length === body.inputs.length ? 200 : 207,
    body: {
      status: 'COMPLETE',
      results: found.map((object) =>
        presented(context, type, object, {
          properties: body.properties ?? [],
          history: body.propertiesWithHistory ?? [],
        }),
      ),
      startedAt: new Date(context.now()).toISOString(),
      completedAt: new Date(context.now()).toISOString(),
    },
  };
}

function readOne(context: Context, request: SandboxRequest): Answer {
  const type = typeOf(request);
  const object = type && find(context, type, request.parameters.id!);
  if (!object) return failure(404, 'resource not found');
  const { query } = request;
  const wanted = {
    properties: names(query.getAll('properties')),
    history: names(query.getAll('propertiesWithHistory')),
    associations: names(query.getAll('associations')),
  };
  return { body: presented(context, type, object, wanted) };
}

function readAssociations(context: Context, request: SandboxRequest): Answer {
  const type = typeOf(request);
  if (!type) return failure(404, `Unable to infer object type from: ${request.parameters.type}`);
  const { inputs } = request.json() as { inputs: { id: string; after?: string }[] };
  if (inputs.length > 1_000) return failure(400, 'The maximum batch size is 1000');
  const results = inputs.flatMap(({ id, after }) => {
    const object = find(context, type, id);
    const links = object && linksOf(context, type, object, request.parameters.to!);
    if (!links?.length) return [];
    const from = Number(after ?? 0);
    const to = links.slice(from, from + Math.min(ASSOCIATIONS_A_PAGE, context.pageLimit));
    const next = from + to.length;
    return {
      from: { id },
      to: to.map((link) => ({ toObjectId: Number(link.id), associationTypes: link.types })),
      ...(next < links.length ? { paging: { next: { after: String(next), link: '' } } } : {}),
    };
  });
  return { body: { status: 'COMPLETE', results } };
}

const ASSOCIATIONS_A_PAGE = 500;

/** A list as HubSpot takes it: `a,b` or repeated. */
function names(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter(Boolean);
}
