// Who is asking: keys, browser sessions, roles. Every route declares who may use it; one that does not is refused at start.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Role } from './access.ts';
import { ApiProblem } from './errors.ts';

/** Who a request acts for. A partner's id comes from its key alone. */
export interface Principal {
  readonly key_id: string;
  readonly person: string;
  readonly role: Role;
  readonly partner_id: string | null;
}

/** Where keys are known; the books implement it. */
export interface KeyStore {
  /** The key of a secret, unless it was revoked. */
  find(secret: string): Principal | undefined;
  /** The key of an id, unless it was revoked: a session ends with its key. */
  active(key_id: string): Principal | undefined;
}

/** Who may use a route: `open` to anyone, or some roles. */
export type Access = 'open' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Null on a route that is open to anyone. */
    principal: Principal | null;
  }
}

export const COOKIE = 'sourced_session';
const SESSION_HOURS = 8;
const SESSIONS_MAX = 10_000;

interface Session {
  readonly key_id: string;
  readonly expires_at: number;
}

/** Browser sessions, in memory: they end with the process, after 8 hours, at sign-out, or when their key is revoked. */
export interface Sessions {
  open(principal: Principal): { token: string; expires_at: number };
  find(token: string): { principal: Principal; expires_at: number } | undefined;
  close(token: string): void;
}

export function createSessions(keys: KeyStore, now: () => number): Sessions {
  const sessions = new Map<string, Session>();
  const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');
  return {
    open({ key_id }) {
      const token = randomBytes(32).toString('base64url');
      const expires_at = now() + SESSION_HOURS * 3_600_000;
      if (sessions.size >= SESSIONS_MAX) sessions.delete(sessions.keys().next().value!);
      sessions.set(hashOf(token), { key_id, expires_at });
      return { token, expires_at };
    },
    find(token) {
      const hash = hashOf(token);
      const session = sessions.get(hash);
      if (!session) return undefined;
      const principal = session.expires_at > now() ? keys.active(session.key_id) : undefined;
      if (principal) return { principal, expires_at: session.expires_at };
      sessions.delete(hash);
      return undefined;
    },
    close(token) {
      sessions.delete(hashOf(token));
    },
  };
}

export interface GuardOptions {
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  /** In-process use only: every injected request acts as this principal. Never set where a port is opened. */
  readonly principal?: Principal;
}

/** Puts the guard before every route. Deny by default: a route without `config.access` stops the start. */
export function guard(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest('principal', null);
  const declared: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void declared.push(route));
  app.addHook('onReady', async () => {
    const silent = declared.filter(({ config }) => config?.access === undefined).map(({ url }) => url);
    if (silent.length > 0) throw new Error(`routes that do not declare who may use them: ${silent.join(', ')}`);
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    request.principal = options.principal ?? identify(request, options) ?? null;
    const access = request.routeOptions.config.access ?? [];
    if (access === 'open') return;
    if (!request.principal) throw unauthenticated(request);
    if (!options.principal && bearerOf(request) === undefined && !isSafe(request.method)) requireOrigin(request);
    if (!access.includes(request.principal.role))
      throw new ApiProblem(
        'role_not_allowed',
        `This is for ${access.join(', ')}; your key is of role ${request.principal.role}.`,
      );
  });
}

function identify(request: FastifyRequest, { keys, sessions }: GuardOptions): Principal | undefined {
  const secret = bearerOf(request);
  if (secret !== undefined) return keys.find(secret);
  const token = request.cookies[COOKIE];
  return token === undefined ? undefined : sessions.find(token)?.principal;
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return headers.authorization === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(headers.authorization)?.[1] ?? '');
}

function unauthenticated(request: FastifyRequest): ApiProblem {
  return bearerOf(request) === undefined
    ? new ApiProblem('unauthenticated', 'Send Authorization: Bearer <key>, or sign in at /login.')
    : new ApiProblem('key_unknown', 'Ask for a new key: `sourced keys create`.');
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Refuses a request that a page of another site makes; browsers always send Origin with a POST or DELETE. */
export function requireSameOrigin(request: FastifyRequest): void {
  if (request.headers.origin !== undefined) requireOrigin(request);
}

function requireOrigin({ headers, host }: FastifyRequest): void {
  const origin = headers.origin ?? '';
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new ApiProblem(
      'origin_not_allowed',
      `Use the pages of this server, or a Bearer key. Origin: ${origin || 'none'}.`,
    );
}
