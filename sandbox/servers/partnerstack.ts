// PartnerStack's vendor API (v2) over the sandbox company: Basic keys, the envelope {data: {has_more, items}}, newest first,
// `starting_after`, and filters by `created` only where the vendor has no others.
import type { Store } from './company.ts';
import { type PartnerStackObject, type Programme, programmeOf } from './partnerstack-objects.ts';
import { type Answer, type CommonOptions, type SandboxRequest, type SandboxServer, startServer } from './server.ts';

/** Traps beside the common ones: `repeated_page_token` (the same page again), `schema_drift` (a field that nobody has seen before). */
export type PartnerStackOptions = CommonOptions & {
  readonly store: Store;
  readonly publicKey?: string;
  readonly secretKey?: string;
  readonly port?: number;
};

/** The vendor's own bounds of a page. */
const limits = { default: 10, maximum: 250 } as const;
/** Collections that can be filtered by when they were last updated. */
const filteredByUpdate = ['deals', 'customers'];
const collections = ['groups', 'partnerships', 'leads', 'deals', 'customers', 'rewards'] as const;

export async function startPartnerStack({
  store,
  publicKey = 'pk_sandbox',
  secretKey = 'sk_sandbox',
  ...options
}: PartnerStackOptions): Promise<SandboxServer & { readonly store: Store }> {
  const expected = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  const programme = derived(store);
  let server: SandboxServer;
  server = await startServer({
    ...options,
    errorBody: (status, message) => ({ message, status }),
    before: ({ headers }) =>
      headers.authorization === expected ? undefined : failure(401, 'Invalid public or secret key'),
    routes: collections.flatMap((name) => [
      {
        method: 'GET',
        path: `/api/v2/${name}`,
        answer: (request) => list(drifted(programme()[name]), name, request),
      },
      {
        method: 'GET',
        path: `/api/v2/${name}/:key`,
        answer: ({ parameters }) => {
          const found = programme()[name].find(({ key }) => key === parameters.key);
          return found ? success(found) : failure(404, `No ${name} with key ${parameters.key}`);
        },
      },
    ]),
  });
  return { ...server, store };

  function drifted(objects: readonly PartnerStackObject[]): readonly PartnerStackObject[] {
    return server.has('schema_drift')
      ? objects.map((object) => ({ ...object, loyalty_level: { name: 'explorer', points: 12 } }))
      : objects;
  }

  function list(objects: readonly PartnerStackObject[], name: string, { query }: SandboxRequest): Answer {
    const limit = Number(query.get('limit') ?? limits.default);
    if (!(limit >= 1 && limit <= limits.maximum)) return failure(400, 'limit must be between 1 and 250');
    const found = objects.filter((object) => isAsked(object, name, query)).sort(newestFirst);
    const after = query.get('starting_after');
    const anchor = after ? objects.find(({ key }) => key === after) : undefined;
    if (after && !anchor) return failure(404, `No ${name} with key ${after}`);
    const start = anchor ? found.filter((object) => newestFirst(object, anchor) <= 0).length : 0;
    const isRepeat = start > 0 && server.fireOnce('repeated_page_token');
    const items = isRepeat ? found.slice(Math.max(0, start - limit), start) : found.slice(start, start + limit);
    return success({ has_more: isRepeat || start + limit < found.length, items });
  }
}

/** The company as PartnerStack holds it, made anew after a change only. */
function derived(store: Store): () => Programme {
  let version = -1;
  let programme: Programme | undefined;
  return () => {
    if (programme && version === store.version()) return programme;
    version = store.version();
    programme = programmeOf(store);
    return programme;
  };
}

function isAsked(object: PartnerStackObject, name: string, query: URLSearchParams): boolean {
  if (object.archived === true && name !== 'deals' && query.get('include_archived') !== 'true') return false;
  const isWithin = (field: string, bound: string) => {
    const value = Number(object[`${field}_at`]);
    const [least, most] = [query.get(`min_${bound}`), query.get(`max_${bound}`)];
    return (least === null || value >= Number(least)) && (most === null || value <= Number(most));
  };
  return isWithin('created', 'created') && (!filteredByUpdate.includes(name) || isWithin('updated', 'updated'));
}

function newestFirst(left: PartnerStackObject, right: PartnerStackObject): number {
  const order = (Number(right.created_at) || 0) - (Number(left.created_at) || 0);
  return order || (left.key === right.key ? 0 : left.key < right.key ? -1 : 1);
}

function success(data: unknown): Answer {
  return { body: { data, message: 'Returned successfully', status: 200 } };
}

function failure(status: number, message: string): Answer {
  return { status, body: { message, status } };
}
