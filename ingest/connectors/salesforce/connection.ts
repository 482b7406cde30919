// The connection to an organization: signing in, describing objects, the day's limit, and which fields there are.
import { SourceError } from '../../../core/errors.ts';
import type { World } from '../../connector.ts';
import type { Answer, HttpClient } from '../../http.ts';
import { signedInClient } from '../../sign-in.ts';
import type { SalesforceOptions } from './options.ts';

export type Field = { readonly name: string; readonly type?: string; readonly relationshipName?: string | null };

export type Connection = {
  /** GET below `/services/data/vXX.0`, or an address that an answer gave. Throws SourceError when the day's requests run out. */
  get(path: string, options?: Parameters<HttpClient['get']>[1]): Promise<Answer>;
  post(path: string, json: unknown): Promise<Answer>;
  /** Names of all objects that the user may query. */
  objects(): Promise<ReadonlySet<string>>;
  fieldsOf(object: string): Promise<readonly Field[]>;
  /** Requests of the day so far, and how many there are. */
  usage(): { readonly used: number; readonly limit: number } | undefined;
};

export function connect(options: SalesforceOptions, world: World): Connection {
  const { api_version, max_api_share } = options;
  const client = clientOf(options, world);
  let usage: { used: number; limit: number } | undefined;
  const assertRequestsLeft = () => {
    if (!usage || usage.used < usage.limit * max_api_share) return;
    throw new SourceError(`Salesforce: ${usage.used} of the day's ${usage.limit} requests are used`, {
      hint: 'what was complete is kept; run again tomorrow, or raise `max_api_share` of this source in sourced.yaml',
    });
  };
  const watched = async (request: () => Promise<Answer>): Promise<Answer> => {
    assertRequestsLeft();
    const answer = await request();
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(answer.headers['sforce-limit-info'] ?? '') ?? [];
    if (used && limit) usage = { used: Number(used), limit: Number(limit) };
    return answer;
  };
  const data = `/services/data/v${api_version}`;
  const place = (path: string) => (path.startsWith('/services/') ? path : `${data}${path}`);
  const connection: Connection = {
    get: (path, more) => watched(() => client.get(place(path), more)),
    post: (path, json) => watched(() => client.post(place(path), { json })),
    usage: () => usage,
    async objects() {
      const answer = await connection.get('/sobjects');
      const { sobjects = [] } = answer.json<{ sobjects?: readonly { name: string; queryable?: boolean }[] }>();
      return new Set(sobjects.filter(({ queryable }) => queryable !== false).map(({ name }) => name));
    },
    async fieldsOf(object) {
      const answer = await connection.get(`/sobjects/${object}/describe`);
      return answer.json<{ fields?: readonly Field[] }>().fields ?? [];
    },
  };
  return connection;
}

function clientOf({ base_url, client_id, client_secret, refresh_token }: SalesforceOptions, world: World): HttpClient {
  const grant: Record<string, string> = refresh_token
    ? { grant_type: 'refresh_token', refresh_token }
    : { grant_type: 'client_credentials' };
  return signedInClient(
    world,
    {
      system: 'Salesforce',
      base_url,
      secrets: [client_secret, ...(refresh_token ? [refresh_token] : [])],
      explain: ({ text }) =>
        text.includes('REQUEST_LIMIT_EXCEEDED')
          ? 'the requests of this day are used up (all programs together); run again tomorrow, or raise the limit in Salesforce'
          : undefined,
    },
    {
      token_url: `${base_url.replace(/\/$/, '')}/services/oauth2/token`,
      token_option: 'base_url',
      form: { ...grant, client_id, client_secret },
      hint: 'check `client_id`, `client_secret` and `refresh_token`; without a refresh token the app must allow the client credentials flow and name a user to run as',
    },
  );
}

/** Whether an object has a field; of a parent only the reference is looked for. */
export function hasField(fields: readonly Field[], name: string): boolean {
  const [parent = '', child] = name.split('.');
  if (!child) return fields.some((field) => field.name === name);
  return fields.some((field) => field.relationshipName === parent || field.name === `${parent}Id`);
}
