// buildApp: the API and the pages over the current release. Opens no port (server.ts does) and is what `publish` injects into.
import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { DecisionBook } from '../core/decision.ts';
import { createAnswerCache } from './answer-cache.ts';
import { createSessions, guard, type KeyStore, type Principal } from './auth.ts';
import { noDecisions } from './decisions.ts';
import { ID_LENGTH_MAX } from './filters.ts';
import { etagOf } from './formats.ts';
import { refuseOtherMethods } from './methods.ts';
import { answerProblems } from './problems.ts';
import { openReleaseStore } from './release-store.ts';
import { readStrictly } from './requests.ts';
import { registerRoutes } from './routes/index.ts';

export interface AppOptions {
  /** Where releases and their `current` lie; a new release is served as soon as `current` names it. */
  readonly releasesDirectory?: string;
  /** Instead: one release, published or not. */
  readonly releaseDirectory?: string;
  readonly keys: KeyStore;
  /** Where people's decisions are read and written; without it there are none, and none can be taken. */
  readonly decisions?: DecisionBook;
  /**
   * For in-process questions by `inject` alone: every request acts as this principal. An app with it refuses to listen.
   */
  readonly principal?: Principal;
  /** `true`: warnings and errors as JSON lines on stderr. */
  readonly logger?: boolean | FastifyBaseLogger;
  /** Milliseconds since 1970; sessions end by it. */
  readonly now?: () => number;
  /** Failed sign-ins of one address in a minute before it has to wait. */
  readonly failedSignInsMax?: number;
}

const BODY_BYTES_MAX = 64 * 1024;
const CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** The app, ready for `inject`; `listen` it through server.ts. Opens the release with the first question. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { keys, now = Date.now } = options;
  const app = Fastify({
    logger: options.logger === true ? { level: 'warn', stream: process.stderr } : false,
    ...(typeof options.logger === 'object' ? { loggerInstance: options.logger } : {}),
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: ID_LENGTH_MAX, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => void problems.send(error, request, reply),
  });
  const store = openReleaseStore({ ...options, onError: (error) => app.log.error(error) });
  const problems = answerProblems(app);
  const sessions = createSessions(keys, now);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onClose', async () => store.close());
  // So that the first answer names its release, too. Where there is none yet, the answers say so.
  app.addHook('onListen', () =>
    store.lease().then(
      ({ end }) => end(),
      () => {},
    ),
  );
  app.addHook('onSend', async (_request, reply, payload) => {
    const release_id = store.peek()?.manifest.release_id;
    if (release_id !== undefined && !reply.hasHeader('x-release-id')) reply.header('x-release-id', release_id);
    if (typeof payload === 'string' && !reply.hasHeader('etag')) reply.header('etag', etagOf(payload, ''));
  });
  await app.register(fastifyCookie);
  await app.register(fastifyRateLimit, { global: false });
  readStrictly(app);
  guard(app, { keys, sessions, ...(options.principal ? { principal: options.principal } : {}) });
  const refuse = refuseOtherMethods(app);
  await registerRoutes(app, {
    store,
    cache: createAnswerCache(CACHE_BYTES_MAX),
    decisions: options.decisions ?? noDecisions,
    keys,
    sessions,
    failedSignInsMax: options.failedSignInsMax ?? 10,
  });
  refuse();
  if (options.principal) refuseToListen(app);
  await app.ready();
  return app;
}

/** An app that acts for someone without asking who is there must never be reachable over a port. */
function refuseToListen(app: FastifyInstance): void {
  app.listen = (() =>
    Promise.reject(new Error('an app with a fixed principal answers inject only'))) as FastifyInstance['listen'];
}
