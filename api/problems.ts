// Sends errors: a problem document to programs, a short page to a browser that asked for a page.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem, problemBody, problemCodes, problemOf } from './errors.ts';
import { messagePage } from './pages.ts';

export interface Problems {
  send(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

/** Makes every error of the app a problem answer; our own bugs are logged. */
export function answerProblems(app: FastifyInstance): Problems {
  const send: Problems['send'] = (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal') request.log.error(error);
    if (problem.retry_after !== undefined) reply.header('retry-after', problem.retry_after);
    if (problem.statusCode === 401) reply.header('www-authenticate', 'Bearer');
    reply.code(problem.statusCode).header('cache-control', 'no-store');
    return wantsPage(request) ? page(problem, request, reply) : document(problem, request, reply);
  };
  app.setErrorHandler(send);
  app.setNotFoundHandler((request, reply) =>
    send(new ApiProblem('not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`), request, reply),
  );
  return { send };
}

function document(problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = problemBody(problem, request.url.split('?')[0] ?? '');
  return reply.type('application/problem+json').serializer(String).send(JSON.stringify(body));
}

function page(problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.statusCode === 401) return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
  const html = messagePage(problemCodes[problem.code].title, problem.message);
  return reply.type('text/html; charset=utf-8').serializer(String).send(html);
}

/** A browser's request for a page: the API and data files always answer programs. */
function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? '';
  const isPage = !path.startsWith('/v1/') && !path.startsWith('/_');
  return isPage && (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}
