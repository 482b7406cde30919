// An Airbyte server's public API over the sandbox company: one connection whose jobs take their time, fail, are cancelled, or
// are somebody else's, and whose syncs really write the tables of a destination.
import { createTables, type Destination, type SyncedStream } from './airbyte-tables.ts';
import type { Store } from './company.ts';
import { type Answer, type CommonOptions, type SandboxRequest, type SandboxServer, startServer } from './server.ts';

/**
 * Traps beside the common ones: `already_running` (another's sync holds the connection), `incomplete_attempt` (a first attempt
 * fails), `short_token` (a token lives 70 seconds); and, ending a reading: `job_fails`, `job_cancelled`, `tables_move` (another
 * sync begins while the tables are read), `cleared` (somebody cleared the connection).
 */
export type AirbyteOptions = CommonOptions & {
  readonly store: Store;
  readonly streams: readonly SyncedStream[];
  readonly destination: Destination;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly connection_id?: string;
  readonly prefix?: string;
  /** How long a sync takes. */
  readonly sync_ms?: number;
  /** A field that every sync could not write, and says so. */
  readonly emptied?: () => string | undefined;
  readonly port?: number;
};

type Status = 'pending' | 'running' | 'incomplete' | 'failed' | 'succeeded' | 'cancelled';
type Job = {
  readonly id: number;
  readonly type: string;
  readonly started: number;
  status: Status;
  updated: number;
  rows: number;
  /** How it will end. */
  readonly end: Status;
};

const base = '/api/public/v1';
const pendingFor_ms = 1_000;
const problemTypes = 'https://reference.airbyte.com/reference/errors#';

export type AirbyteServer = SandboxServer & {
  readonly store: Store;
  readonly connection_id: string;
  jobs(): readonly { readonly id: number; readonly type: string; readonly status: string }[];
  /** A job that somebody else starts. */
  startJob(type: 'sync' | 'clear' | 'refresh'): Promise<void>;
};

export async function startAirbyte({
  store,
  streams,
  destination,
  client_id = 'client-sandbox',
  client_secret = 'secret-sandbox',
  connection_id = '0f6e9a5e-7c1f-4c7b-9d59-6a0b6f4f7d10',
  prefix = '',
  sync_ms = 20_000,
  emptied = () => undefined,
  ...options
}: AirbyteOptions): Promise<AirbyteServer> {
  const jobs: Job[] = [];
  const tokens = new Map<string, number>();
  const tables = createTables(store, streams, prefix);
  let server: SandboxServer;
  let asked_since_end = 0;

  server = await startServer({
    ...options,
    errorBody: (status, message) => problem(status, 'error', message).body,
    before: ({ path, headers }) => (path.endsWith('/applications/token') ? undefined : refused(headers.authorization)),
    routes: [
      { method: 'POST', path: `${base}/applications/token`, answer: token },
      { method: 'GET', path: `${base}/connections`, answer: () => ({ body: { data: [connection()] } }) },
      { method: 'GET', path: `${base}/connections/:id`, answer: ({ parameters }) => found(parameters.id!, connection) },
      { method: 'POST', path: `${base}/jobs`, answer: create },
      { method: 'GET', path: `${base}/jobs`, answer: list },
      { method: 'GET', path: `${base}/jobs/:id`, answer: show },
      { method: 'DELETE', path: `${base}/jobs/:id`, answer: cancel },
    ],
  });
  return {
    ...server,
    store,
    connection_id,
    jobs: () => jobs.map(({ id, type, status }) => ({ id, type, status })),
    async startJob(type) {
      await progress();
      begin(type, 'succeeded');
    },
  };

  // ---- signing in ----

  function token(request: SandboxRequest): Answer {
    const asked = request.json() as { client_id?: string; client_secret?: string };
    if (asked.client_id !== client_id || asked.client_secret !== client_secret)
      return problem(401, 'unauthorized', 'the client id or secret is not known');
    const life_s = server.has('short_token') ? 70 : 900;
    const text = `token-${tokens.size + 1}-${connection_id}`;
    tokens.set(text, server.now() + life_s * 1000);
    return { body: { access_token: text, token_type: 'Bearer', expires_in: life_s } };
  }

  function refused(header: string | string[] | undefined): Answer | undefined {
    const until = tokens.get(String(header ?? '').replace('Bearer ', ''));
    if (until === undefined || until < server.now())
      return problem(401, 'unauthorized', 'the token is not valid any more');
    return undefined;
  }

  // ---- the connection ----

  function connection(): object {
    return {
      connectionId: connection_id,
      name: 'company to warehouse',
      sourceId: '1c3c4a0e-0000-4000-8000-000000000001',
      destinationId: '1c3c4a0e-0000-4000-8000-000000000002',
      status: 'active',
      schedule: { scheduleType: 'manual' },
      dataResidency: 'auto',
      namespaceDefinition: 'destination',
      prefix,
      configurations: {
        streams: streams.map(({ name, sync_mode }) => ({ name, syncMode: sync_mode, cursorField: [], primaryKey: [] })),
      },
    };
  }

  /** An id that is no connection is a bad request here, not a 404. */
  function found(id: string, answer: () => object): Answer {
    if (id === connection_id) return { body: answer() };
    return problem(400, 'resource-not-found', `Could not find configuration for STANDARD_SYNC: ${id}`);
  }

  // ---- jobs ----

  function begin(type: string, end: Status): Job {
    const now = server.now();
    const job: Job = { id: jobs.length + 101, type, started: now, status: 'pending', updated: now, rows: 0, end };
    jobs.push(job);
    return job;
  }

  /** Lets time pass for all jobs: the one that is due writes the tables. */
  async function progress(): Promise<void> {
    const now = server.now();
    for (const job of jobs.filter(({ status }) => isOpen(status))) {
      const age = now - job.started;
      if (age >= sync_ms) await finish(job, now);
      else if (age >= sync_ms / 2 && server.has('incomplete_attempt')) job.status = 'incomplete';
      else if (age >= pendingFor_ms) job.status = 'running';
      job.updated = now;
    }
  }

  async function finish(job: Job, at: number): Promise<void> {
    job.status = job.end;
    asked_since_end = 0;
    if (job.end !== 'succeeded') return;
    const written = job.type === 'clear' ? tables.clear() : tables.sync({ sync_id: job.id, at, emptied: emptied() });
    job.rows = written.reduce((sum, { rows }) => sum + rows.length, 0);
    await destination(written);
  }

  async function create(request: SandboxRequest): Promise<Answer> {
    await progress();
    const { connectionId, jobType } = request.json() as { connectionId?: string; jobType?: string };
    if (connectionId !== connection_id) return found(String(connectionId), connection);
    if (server.fireOnce('already_running')) begin('sync', 'succeeded');
    if (jobs.some(({ status }) => isOpen(status)))
      return problem(409, 'try-again-later', `A sync is already running for: ${connection_id}`);
    if (server.fireOnce('job_fails')) return { body: described(begin(jobType ?? 'sync', 'failed')) };
    if (server.fireOnce('job_cancelled')) return { body: described(begin(jobType ?? 'sync', 'cancelled')) };
    return { body: described(begin(jobType ?? 'sync', 'succeeded')) };
  }

  /** Whoever asks for the list after a sync is about to read the tables, and asks again when they are read. */
  async function list({ query }: SandboxRequest): Promise<Answer> {
    await progress();
    if (query.get('connectionId') !== connection_id) return problem(400, 'bad-request', 'connectionId is not known');
    const isIdle = jobs.length > 0 && !jobs.some(({ status }) => isOpen(status));
    if (isIdle && server.has('cleared') && server.fireOnce('cleared'))
      await finish(begin('clear', 'succeeded'), server.now());
    if (isIdle && ++asked_since_end === 3 && server.fireOnce('tables_move')) begin('sync', 'succeeded');
    const limit = Number(query.get('limit') ?? 20);
    const status = query.get('status');
    const wanted = [...jobs].reverse().filter((job) => !status || job.status === status);
    return { body: { data: wanted.slice(0, limit).map(described), previous: '', next: '' } };
  }

  async function show({ parameters }: SandboxRequest): Promise<Answer> {
    await progress();
    const job = jobs.find(({ id }) => String(id) === parameters.id);
    return job ? { body: described(job) } : problem(400, 'resource-not-found', `Could not find job ${parameters.id}`);
  }

  async function cancel({ parameters }: SandboxRequest): Promise<Answer> {
    await progress();
    const job = jobs.find(({ id }) => String(id) === parameters.id);
    if (!job) return problem(404, 'resource-not-found', `Could not find job ${parameters.id}`);
    if (isOpen(job.status)) job.status = 'cancelled';
    return { body: described(job) };
  }

  function described({ id, type, status, started, updated, rows }: Job): object {
    return {
      jobId: id,
      status,
      jobType: type,
      connectionId: connection_id,
      startTime: new Date(started).toISOString(),
      lastUpdatedAt: new Date(updated).toISOString(),
      ...(isOpen(status)
        ? {}
        : { duration: `PT${Math.round((updated - started) / 1000)}S`, rowsSynced: rows, bytesSynced: rows * 200 }),
    };
  }
}

function isOpen(status: Status): boolean {
  return ['pending', 'running', 'incomplete'].includes(status);
}

/** RFC 9457. */
function problem(status: number, kind: string, detail: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { status, type: `${problemTypes}${kind}`, title: kind, detail, documentationUrl: null, data: null },
  };
}
