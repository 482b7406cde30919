// The few endpoints of an Airbyte server that Sourced uses: a token, one connection, and the jobs of that connection.
import { z } from 'zod';
import { SourceError } from '../../../core/errors.ts';
import type { World } from '../../connector.ts';
import { type Answer, type HttpClient, httpClient } from '../../http.ts';

const connection = z.looseObject({
  connectionId: z.string(),
  name: z.string().optional(),
  status: z.string().optional(),
  prefix: z.string().nullish(),
  namespaceDefinition: z.string().nullish(),
  namespaceFormat: z.string().nullish(),
  configurations: z.looseObject({
    streams: z
      .array(
        z.looseObject({
          name: z.string(),
          namespace: z.string().nullish(),
          syncMode: z.string().optional(),
          cursorField: z.array(z.string()).nullish(),
          primaryKey: z.array(z.array(z.string())).nullish(),
        }),
      )
      .nullish(),
  }),
});
export type Connection = z.infer<typeof connection>;

const job = z.looseObject({
  jobId: z.int(),
  status: z.enum(['pending', 'queued', 'running', 'incomplete', 'failed', 'succeeded', 'cancelled']),
  jobType: z.string(),
  connectionId: z.string().optional(),
  startTime: z.string().optional(),
  lastUpdatedAt: z.string().nullish(),
  bytesSynced: z.number().nullish(),
  rowsSynced: z.number().nullish(),
});
export type Job = z.infer<typeof job>;

const token = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive().optional() });
/** RFC 9457; Airbyte says in `type` what kind of problem it is. */
const problem = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
});

export type AirbyteAccess = {
  readonly base_url: string;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
};

export type AirbyteClient = {
  connection(id: string): Promise<Connection>;
  /** The latest first. */
  jobs(connectionId: string): Promise<Job[]>;
  job(id: number): Promise<Job>;
  /** Undefined when the server asks to try again later: another job of the connection is under way. */
  startSync(connectionId: string): Promise<Job | undefined>;
  cancel(id: number): Promise<void>;
};

/** Airbyte's tokens live for about a quarter of an hour where the answer does not say. */
const usualLife_s = 900;
/** A token is renewed when so much of its life is left, for the time that a request takes. */
const margin_ms = 60_000;

export function airbyteClient(world: World, source: string, access: AirbyteAccess): AirbyteClient {
  const http = signedIn(world, source, access);
  const request = (method: string, path: string, more: Parameters<HttpClient['request']>[2] = {}) =>
    http.request(method, path, { ...more, accept: [400, 404, 409, 422] });
  return {
    async connection(id) {
      const answer = await request('GET', `/connections/${encodeURIComponent(id)}`);
      if (answer.status >= 400)
        throw refused(source, `the connection ${id}`, answer, {
          missing: `there is no connection ${id} on ${access.base_url}`,
          hint: 'take the id from the address of the connection in Airbyte, or give the application access to its workspace',
        });
      return shaped(source, connection, answer);
    },
    async jobs(connectionId) {
      const answer = await request('GET', '/jobs', {
        query: { connectionId, limit: 20, orderBy: 'updatedAt|DESC' },
      });
      if (answer.status >= 400) throw refused(source, 'the list of jobs', answer);
      const { data } = shaped(source, z.looseObject({ data: z.array(job) }), answer);
      return data.sort((left, right) => right.jobId - left.jobId);
    },
    async job(id) {
      const answer = await request('GET', `/jobs/${id}`);
      if (answer.status >= 400) throw refused(source, `job ${id}`, answer);
      return shaped(source, job, answer);
    },
    async startSync(connectionId) {
      const answer = await request('POST', '/jobs', { json: { connectionId, jobType: 'sync' } });
      if (answer.status === 409) return undefined;
      if (answer.status >= 400)
        throw refused(source, `a sync of connection ${connectionId}`, answer, {
          hint: 'is the connection enabled in Airbyte, and may the application start its syncs?',
        });
      return shaped(source, job, answer);
    },
    async cancel(id) {
      // A job that has ended by now cannot be cancelled any more, which is as good.
      await request('DELETE', `/jobs/${id}`);
    },
  };
}

/** Signs in with the application's key where there is one; a server of one's own may do without. */
function signedIn(world: World, source: string, { base_url, client_id, client_secret }: AirbyteAccess): HttpClient {
  if (!client_id || !client_secret) return httpClient(world, { system: 'Airbyte', base_url, secrets: [] });
  let current: { text: string; until: number } | undefined;
  const secrets = () => [client_secret, ...(current ? [current.text] : [])];
  const open = httpClient(world, {
    system: 'Airbyte',
    base_url,
    secrets,
    explain: ({ status }) =>
      status < 500 && status !== 429
        ? `${source}: Airbyte does not take client_id and client_secret; make an application in Airbyte (Settings, Applications) and set both`
        : undefined,
  });
  const renew = async () => {
    const asked = world.now();
    const answer = await open.post('/applications/token', { json: { client_id, client_secret } });
    const { access_token, expires_in = usualLife_s } = shaped(source, token, answer);
    current = { text: access_token, until: asked + expires_in * 1000 };
  };
  return httpClient(world, {
    system: 'Airbyte',
    base_url,
    secrets,
    refresh: renew,
    async authorise() {
      if (!current || world.now() > current.until - margin_ms) await renew();
      return { authorization: `Bearer ${current!.text}` };
    },
  });
}

function shaped<Shape extends z.ZodType>(source: string, shape: Shape, answer: Answer): z.output<Shape> {
  const parsed = shape.safeParse(answer.json());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SourceError(
    `${source}: Airbyte's answer is not what its API describes: ${issue?.path.join('.')} ${issue?.message}`,
    {
      hint: 'check `base_url`: https://api.airbyte.com/v1, or <your server>/api/public/v1',
    },
  );
}

/** Not found is a 400 with some endpoints and a 404 with others. */
function refused(
  source: string,
  what: string,
  answer: Answer,
  {
    missing,
    hint = 'look at the connection and its jobs in Airbyte, then run again',
  }: { missing?: string; hint?: string } = {},
): SourceError {
  const { type = '', title = '', detail = '' } = problem.safeParse(problemOf(answer)).data ?? {};
  const isMissing =
    answer.status === 404 || /not[-_ ]found|does not exist|could not find/i.test(`${type} ${title} ${detail}`);
  const said = [title, detail].filter(Boolean).join(': ') || `status ${answer.status}`;
  const message = isMissing && missing ? missing : `Airbyte refused ${what}: ${said}`;
  return new SourceError(`${source}: ${message}`, {
    transient: answer.status === 409,
    hint,
  });
}

function problemOf(answer: Answer): unknown {
  try {
    return answer.json();
  } catch {
    return {};
  }
}
