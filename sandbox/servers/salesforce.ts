// Salesforce's REST API over the sandbox company: OAuth, describe, query and queryAll with nextRecordsUrl, Bulk 2.0 query jobs,
// the daily limit in a header. What the records look like is salesforce-objects.ts; what a query may say, salesforce-soql.ts.
import type { Store } from './company.ts';
import { createBulkJobs } from './salesforce-bulk.ts';
import { fieldsOf, objectNames } from './salesforce-fields.ts';
import type { ObjectName } from './salesforce-ids.ts';
import { createQueries, SalesforceError } from './salesforce-query.ts';
import { type Answer, type CommonOptions, type SandboxRequest, type SandboxServer, startServer } from './server.ts';

/**
 * Traps beside the common ones: `repeated_page_token` (a page leads to itself), `expired_locator` (a page that is gone),
 * `late_stamps` (a change shows up with a stamp of a quarter of an hour before), `feature_off` (no campaigns, no contact roles),
 * `missing_field` (a custom field is gone), `limit_reached` (the day's requests are used up), `bulk_failed` (a job fails once).
 */
export type SalesforceOptions = CommonOptions & {
  readonly store: Store;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** Records of a page of a query; Salesforce's own is 2,000. */
  readonly batchSize?: number;
  /** Records of a part of a bulk job's result; Salesforce gives what it likes, up to what is asked for. */
  readonly bulkPart?: number;
  /** The organization keeps the partners of opportunities; most do not. */
  readonly hasPartners?: boolean;
  /** Requests of a day. */
  readonly dailyLimit?: number;
  readonly port?: number;
};

const offObjects: readonly ObjectName[] = ['Campaign', 'CampaignMember', 'OpportunityContactRole'];
const lateness_ms = 15 * 60_000;

export async function startSalesforce({
  store,
  clientId = 'sf-client',
  clientSecret = 'sf-secret',
  refreshToken = 'sf-refresh',
  batchSize = 2000,
  bulkPart = 50_000,
  dailyLimit = 100_000,
  hasPartners = false,
  ...options
}: SalesforceOptions): Promise<SandboxServer & { readonly store: Store }> {
  const tokens = new Set<string>();
  const asOf = Date.parse(store.asOf);
  let used = 0;
  let server: SandboxServer;
  const queries = createQueries({
    store,
    batchSize,
    stamp: ({ updatedAt }) => (server.has('late_stamps') && updatedAt > asOf ? updatedAt - lateness_ms : updatedAt),
    hasPartners,
    objects: () =>
      objectNames.filter(
        (name) =>
          (hasPartners || name !== 'OpportunityPartner') && !(server.has('feature_off') && offObjects.includes(name)),
      ),
    fields,
    isGone: () => server.fireOnce('expired_locator'),
    repeats: () => server.fireOnce('repeated_page_token'),
    now: () => server.now(),
  });
  const bulk = createBulkJobs({
    run: queries.all,
    part: bulkPart,
    fields,
    fails: () => server.fireOnce('bulk_failed'),
  });
  const data = (path: string) => `/services/data/:version${path}`;
  const get = (path: string, answer: (request: SandboxRequest) => Answer) => ({
    method: 'GET',
    path,
    answer: guarded(answer),
  });
  server = await startServer({
    ...options,
    errorBody: (status, message) => [{ message, errorCode: status === 401 ? 'INVALID_SESSION_ID' : 'SERVER_ERROR' }],
    headers: () => ({ 'sforce-limit-info': `api-usage=${used}/${dailyLimit}` }),
    before: authorize,
    routes: [
      { method: 'POST', path: '/services/oauth2/token', answer: token },
      get('/services/data', () => ({ body: [{ label: 'Winter', url: '/services/data/v66.0', version: '66.0' }] })),
      get(data('/sobjects'), () => ({
        body: { sobjects: queries.objects().map((name) => ({ name, queryable: true })) },
      })),
      get(data('/sobjects/:object/describe'), ({ parameters }) => describe(parameters.object ?? '')),
      get(data('/query'), ({ query, parameters }) => queries.first(query.get('q') ?? '', false, parameters.version!)),
      get(data('/queryAll'), ({ query, parameters }) => queries.first(query.get('q') ?? '', true, parameters.version!)),
      get(data('/query/:locator'), ({ parameters }) => queries.next(parameters.locator!, parameters.version!)),
      get(data('/queryAll/:locator'), ({ parameters }) => queries.next(parameters.locator!, parameters.version!)),
      { method: 'POST', path: data('/jobs/query'), answer: guarded((request) => bulk.create(request.json())) },
      get(data('/jobs/query/:id'), ({ parameters }) => bulk.state(parameters.id!)),
      get(data('/jobs/query/:id/results'), ({ parameters, query }) => bulk.results(parameters.id!, query)),
      { method: 'DELETE', path: data('/jobs/query/:id'), answer: () => ({ status: 204, body: '' }) },
    ],
  });
  return { ...server, store };

  function authorize({ path, headers }: SandboxRequest): Answer | undefined {
    if (path === '/services/oauth2/token' || path === '/services/data') return undefined;
    if (!tokens.has(String(headers.authorization ?? '').replace(/^(Bearer|OAuth) /, '')))
      return { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] };
    if (server.has('limit_reached') || used >= dailyLimit)
      return {
        status: 403,
        body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
      };
    used++;
    return undefined;
  }

  function token(request: SandboxRequest): Answer {
    const form = request.form();
    const isClient = form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    if (!isClient)
      return { status: 400, body: { error: 'invalid_client_id', error_description: 'client identifier invalid' } };
    const isGranted =
      form.get('grant_type') === 'client_credentials' ||
      (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === refreshToken);
    if (!isGranted)
      return { status: 400, body: { error: 'invalid_grant', error_description: 'expired access/refresh token' } };
    const access_token = `00Dsandbox!${tokens.size + 1}`;
    tokens.add(access_token);
    return {
      body: {
        access_token,
        instance_url: request.baseUrl,
        id: `${request.baseUrl}/id/00DSb0000000001EAA/005Sb0000000001AAA`,
        token_type: 'Bearer',
        issued_at: String(server.now()),
      },
    };
  }

  function fields(object: ObjectName) {
    const { Partner_Source__c: _, ...rest } = fieldsOf(object);
    return server.has('missing_field') ? rest : fieldsOf(object);
  }

  function describe(object: string): Answer {
    const name = queries.objects().find((known) => known === object);
    if (!name) throw new SalesforceError('NOT_FOUND', 'The requested resource does not exist', 404);
    return {
      body: {
        name,
        queryable: true,
        fields: Object.entries(fields(name)).map(([field, type]) => ({
          name: field,
          type,
          custom: field.endsWith('__c'),
          relationshipName: relationshipOf(field, type),
        })),
      },
    };
  }
}

/** The name under which a reference's own fields are asked for. */
function relationshipOf(field: string, type: string): string | null {
  if (type !== 'reference') return null;
  return field.endsWith('__c') ? field.replace(/c$/, 'r') : field.replace(/Id$/, '');
}

/** Salesforce's errors are a list with a code. */
function guarded(answer: (request: SandboxRequest) => Answer): (request: SandboxRequest) => Answer {
  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      if (!(error instanceof SalesforceError)) throw error;
      return { status: error.status, body: [{ message: error.message, errorCode: error.code }] };
    }
  };
}
