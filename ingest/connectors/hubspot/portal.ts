// HubSpot's API as the connector uses it: dated paths, its limits, its pages. Knows nothing of canonical streams.
import type { World } from '../../connector.ts';
import type { Headers } from '../../exchange.ts';
import { type Answer, type HttpClient, httpClient, type Refusal } from '../../http.ts';
import type { HubspotOptions } from './options.ts';

/** The version of the API that answers are read as; supported until September 2027. */
export const API_VERSION = '2026-09';

const LIST_PAGE = 100;
/** With the history of properties HubSpot gives 50 records a page. */
export const HISTORY_PAGE = 50;
const SEARCH_PAGE = 200;
export const ASSOCIATION_BATCH = 1_000;

export type VendorRecord = { readonly id: string; readonly archived?: boolean };
export type Page = {
  readonly results: readonly VendorRecord[];
  readonly paging?: { readonly next?: { readonly after?: string } };
};
type AssociationPage = {
  readonly results: readonly { readonly from: { readonly id: string }; readonly paging?: Page['paging'] }[];
};

export type Portal = ReturnType<typeof createPortal>;

/** A portal's API. How many requests ten seconds may hold depends on its plan and is told by each answer; search has 5 a second. */
export function createPortal({ base_url, access_token }: HubspotOptions, world: World) {
  const shared = {
    system: 'HubSpot',
    base_url,
    secrets: [access_token],
    authorise: async () => ({ authorization: `Bearer ${access_token}` }),
    explain,
  };
  const client = httpClient(world, { ...shared, pause_ms: pauseOf });
  const searcher = httpClient(world, { ...shared, limits: [{ requests: 4, per_ms: 1_000 }] });
  return {
    client,
    list: (type: string, query: ListQuery) => client.get(objectPath(type), { query: listQuery(query) }),
    search: (type: string, window: SearchWindow) =>
      searcher.post(`${objectPath(type)}/search`, { json: searchBody(window) }),
    readBatch: (
      type: string,
      json: { inputs: { id: string }[]; properties: readonly string[]; propertiesWithHistory: readonly string[] },
    ) => client.post(`${objectPath(type)}/batch/read`, { json }),
    associations: (type: string, to: string, ids: readonly string[]) => associationPages(client, { type, to, ids }),
    owners: () => ownerPages(client),
    pipelines: (type: string) => client.get(`/crm/pipelines/${API_VERSION}/${type}`),
    properties: (type: string) => client.get(`/crm/properties/${API_VERSION}/${type}`),
    account: () => client.get('/account-info/v3/details', { accept: [403, 404] }),
  };
}

/** Requests that are left to others of the portal, and to searches, which do not tell what is left. */
const SPARE_REQUESTS = 10;

/** Waits out the interval when nearly nothing of its limit is left. */
function pauseOf(headers: Headers): number | undefined {
  const remaining = headers['x-hubspot-ratelimit-remaining'];
  if (remaining === undefined || Number(remaining) > SPARE_REQUESTS) return undefined;
  return Number(headers['x-hubspot-ratelimit-interval-milliseconds'] ?? 10_000);
}

type ListQuery = {
  readonly properties: readonly string[];
  readonly history: readonly string[];
  readonly archived: boolean;
  readonly after: string | undefined;
};

export function objectPath(type: string): string {
  return `/crm/objects/${API_VERSION}/${type}`;
}

function listQuery({ properties, history, archived, after }: ListQuery) {
  return {
    limit: history.length ? HISTORY_PAGE : LIST_PAGE,
    properties: properties.join(','),
    ...(history.length ? { propertiesWithHistory: history.join(',') } : {}),
    archived,
    after,
  };
}

type SearchWindow = {
  readonly modified: string;
  readonly from: number;
  readonly to: number;
  readonly after_id: string;
  readonly properties: readonly string[];
};

/**
 * A page of a frozen window by ascending id: never `after`, because search refuses everything beyond its 10,000th result, and
 * never by time alone, because a bulk edit gives more records than that one time.
 */
function searchBody({ modified, from, to, after_id, properties }: SearchWindow) {
  return {
    filterGroups: [
      {
        filters: [
          { propertyName: modified, operator: 'GTE', value: String(from) },
          { propertyName: modified, operator: 'LT', value: String(to) },
          { propertyName: 'hs_object_id', operator: 'GT', value: after_id },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties,
    limit: SEARCH_PAGE,
  };
}

/** All associations of these records to objects of type `to`; a record with many goes on under its own `after`. */
async function* associationPages(
  client: HttpClient,
  { type, to, ids }: { type: string; to: string; ids: readonly string[] },
): AsyncGenerator<Answer> {
  let inputs: { id: string; after?: string }[] = ids.map((id) => ({ id }));
  while (inputs.length) {
    const answer = await client.post(`/crm/associations/${API_VERSION}/${type}/${to}/batch/read`, { json: { inputs } });
    yield answer;
    inputs = answer.json<AssociationPage>().results.flatMap(({ from, paging }) => {
      const after = paging?.next?.after;
      return after ? [{ id: from.id, after }] : [];
    });
  }
}

/** Former owners too: they still own deals. */
async function* ownerPages(client: HttpClient): AsyncGenerator<Answer> {
  for (const archived of [false, true]) {
    let after: string | undefined;
    do {
      const answer = await client.get(`/crm/owners/${API_VERSION}`, { query: { limit: 100, archived, after } });
      yield answer;
      after = answer.json<Page>().paging?.next?.after;
    } while (after);
  }
}

/** What to do where a scope is missing. E-mails alone have one that nothing else needs. */
export function mendScope(path: string, refusal: string): string {
  const other =
    typeOf(path) === 'emails' ? ', or leave `emails` out under `activities` of this source in sourced.yaml' : '';
  return `give the service key the scope ${missingScope(path, refusal)} (Settings → Integrations → Service keys)${other}`;
}

function typeOf(path: string): string | undefined {
  return /\/(?:objects|properties|associations|pipelines)\/[\w-]+\/([\w-]+)/.exec(path)?.[1];
}

/** HubSpot lists the scopes of which it wants one; the one that a path is known to need is the plainest. */
export function missingScope(path: string, refusal: string): string {
  const list = /"requiredGranularScopes"\s*:\s*\[([^\]]*)\]/.exec(refusal)?.[1] ?? '';
  const named = [...list.matchAll(/"([^"]+)"/g)].map(([, scope]) => scope!);
  const own = scopeOf(path);
  return !named.length || named.includes(own) ? own : named.join(' or ');
}

/** The permission that a path needs, as HubSpot calls it. */
function scopeOf(path: string): string {
  const type = typeOf(path);
  if (path.includes('/owners')) return 'crm.objects.owners.read';
  if (!type) return 'crm.objects.companies.read';
  if (/^(2-|p\d*_)/.test(type)) return 'crm.objects.custom.read';
  if (type === 'emails') return 'sales-email-read';
  if (type === 'calls' || type === 'meetings') return 'crm.objects.contacts.read';
  return `crm.objects.${type}.read`;
}

function explain({ status, path, text }: Refusal): string | undefined {
  if (status === 401)
    return 'HubSpot does not accept `access_token`: make a new service key (Settings → Integrations → Service keys) and set it';
  if (status === 403) return mendScope(path, text);
  if (status === 429 && text.includes('DAILY'))
    return 'the daily limit of requests is used up; run again tomorrow, or raise the limit in HubSpot';
  if (status === 404 && path.includes('/objects/'))
    return 'check the object type under `objects` in sourced.yaml (HubSpot → Settings → Objects → Custom objects shows its id)';
  return undefined;
}
