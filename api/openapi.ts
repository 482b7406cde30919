// OpenAPI 3.1 at /openapi.json, made from the schemas that check requests and describe answers, and a reference page at
// /docs that loads nothing from another host.
import fastifySwagger from '@fastify/swagger';
import scalarReference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { COOKIE } from './auth.ts';
import { etagOf, isKnown } from './formats.ts';

const tags = [
  { name: 'Revenue', description: 'Sourced, influenced and total revenue, and credit under each method' },
  { name: 'Partners', description: 'Partners and the programme' },
  { name: 'Deals', description: 'Deals, their journeys and the claims on them' },
  { name: 'Commissions', description: 'Liability, ledger entries, statements' },
  { name: 'Trust', description: 'The release, its audits, and the records behind every figure' },
  { name: 'Me', description: "A partner's own" },
  { name: 'Session', description: 'Signing in from a browser' },
  { name: 'Service', description: 'Health and metrics' },
];

/** Before the routes: collects their schemas. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sourced',
        version: '1',
        description:
          'What partners sourced and influenced, and the commission that follows. Every answer is read from one release, named in `X-Release-Id`. Money is an integer of minor units as text, its decimal form and its currency.',
      },
      tags,
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'A key of `sourced keys create`' },
          session: { type: 'apiKey', in: 'cookie', name: COOKIE },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

/** After the routes: serves the document and the reference page. */
export async function serveReference(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, async (request, reply) => {
    const document = JSON.stringify(app.swagger());
    const etag = etagOf(document, 'openapi');
    reply.headers({ 'cache-control': 'no-cache', etag });
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(document);
  });
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    await scope.register(scalarReference, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        withDefaultFonts: false,
        telemetry: false,
        pageTitle: 'Sourced API',
        hideClientButton: true,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    });
  });
}
