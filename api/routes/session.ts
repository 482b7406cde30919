// /v1/session: a browser exchanges a key for a cookie; the sign-in page does it.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { homeOf, roles } from '../access.ts';
import { COOKIE, type Principal, requireSameOrigin } from '../auth.ts';
import { ApiProblem } from '../errors.ts';
import { loginPage } from '../pages.ts';
import { problemResponse, Session } from '../schemas.ts';
import type { RouteServices } from './index.ts';

const session = { description: 'Who is signed in', content: { 'application/json': { schema: Session } } };

export function sessionRoutes(app: FastifyInstance, { keys, sessions, failedSignInsMax }: RouteServices): void {
  const failures = app.createRateLimit({ max: failedSignInsMax - 1, timeWindow: 60_000 });

  app.post('/v1/session', {
    config: { access: 'open' },
    schema: {
      tags: ['Session'],
      summary: 'Sign in: exchange a key for a cookie (HttpOnly, SameSite=Strict, 8 hours)',
      body: z.strictObject({ key: z.string().min(1).max(500) }),
      response: { 200: session, '4xx': problemResponse },
    } as never,
    async handler(request, reply) {
      requireSameOrigin(request);
      const before = await failures(request, { increment: false });
      if (!before.isAllowed && before.isExceeded) throw tooMany(before.ttlInSeconds);
      const principal = keys.find((request.body as { key: string }).key);
      if (!principal) {
        await failures(request);
        throw new ApiProblem('key_unknown', 'Check the key, or ask for a new one: `sourced keys create`.');
      }
      const { token, expires_at } = sessions.open(principal);
      setCookie(reply, token, { secure: request.protocol === 'https', expires_at });
      return answer(reply, principal, expires_at);
    },
  });

  app.get('/v1/session', {
    config: { access: roles },
    schema: {
      tags: ['Session'],
      summary: 'Who is signed in',
      response: { 200: session, '4xx': problemResponse },
    } as never,
    handler(request, reply) {
      const expires_at = sessions.find(request.cookies[COOKIE] ?? '')?.expires_at ?? null;
      return answer(reply, request.principal!, expires_at);
    },
  });

  app.delete('/v1/session', {
    config: { access: 'open' },
    schema: { tags: ['Session'], summary: 'Sign out', response: { 204: z.null(), '4xx': problemResponse } } as never,
    handler(request, reply) {
      requireSameOrigin(request);
      sessions.close(request.cookies[COOKIE] ?? '');
      return reply.clearCookie(COOKIE, { path: '/' }).header('cache-control', 'no-store').code(204).send();
    },
  });

  app.get('/login', { config: { access: 'open' }, schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(loginPage()),
  );
}

function setCookie(
  reply: FastifyReply,
  token: string,
  { secure, expires_at }: { secure: boolean; expires_at: number },
) {
  reply.setCookie(COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    expires: new Date(expires_at),
  });
}

function answer(reply: FastifyReply, { person, role, partner_id }: Principal, expires_at: number | null): FastifyReply {
  const body: z.infer<typeof Session> = {
    person,
    role,
    partner_id,
    home: homeOf(role),
    expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
  };
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(body);
}

function tooMany(seconds: number): ApiProblem {
  return new ApiProblem('too_many_attempts', `Wait ${seconds} seconds, then try again.`, { retry_after: seconds });
}
