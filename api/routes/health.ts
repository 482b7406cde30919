// /healthz: the process answers. /readyz: it has a release to answer from. /metrics: counts and durations.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import type { ApiServices } from '../answers.ts';

export function healthRoutes(app: FastifyInstance, { store }: ApiServices, metricsText: () => string): void {
  const ok = z.strictObject({ status: z.literal('ok') });
  app.get('/healthz', {
    config: { access: 'open' },
    schema: { tags: ['Service'], summary: 'The process answers', response: { 200: ok } } as never,
    handler: () => ({ status: 'ok' }),
  });
  const ready = z.strictObject({ status: z.literal('ready'), release_id: z.string() });
  app.get('/readyz', {
    config: { access: 'open' },
    schema: { tags: ['Service'], summary: 'A release is open', response: { 200: ready } } as never,
    async handler(_request, reply) {
      const lease = await store.lease();
      const { release_id } = lease.release.manifest;
      lease.end();
      return reply.header('x-release-id', release_id).send({ status: 'ready', release_id });
    },
  });
  app.get('/metrics', {
    config: { access: staff },
    schema: { tags: ['Service'], summary: 'Prometheus metrics', response: { 200: z.string() } } as never,
    handler: (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String).send(metricsText()),
  });
}
