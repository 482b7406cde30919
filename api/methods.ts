// A path of the API that is there, with a method that it does not take: 405, naming those that it takes (RFC 9110).
import type { FastifyInstance } from 'fastify';
import { ApiProblem } from './errors.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Notes the routes that are declared from now on; what it gives refuses the other methods of their paths. */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith('/v1/')) return;
    const known = taken.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    taken.set(url, known);
  });
  return () => {
    for (const [url, known] of [...taken]) {
      const allow = [...known].join(', ');
      app.route({
        method: methods.filter((method) => !known.has(method)),
        url,
        config: { access: 'open' },
        schema: { hide: true } as never,
        handler(_request, reply) {
          reply.header('allow', allow);
          throw new ApiProblem('method_not_allowed', `It takes ${allow}.`);
        },
      });
    }
  };
}
