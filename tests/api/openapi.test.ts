// The OpenAPI document, the reference page, the guard, the metrics: what surrounds the answers.
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { createSessions, guard } from '../../api/auth.ts';
import { FIRST, keyStore, secrets, tinyApp } from './fixture.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

type Schema = { $ref?: string; [name: string]: unknown };

test('the document is OpenAPI 3.1 and every reference leads somewhere', async () => {
  const answer = await tiny.app.inject('/openapi.json');
  const document = answer.json();
  expect(document.openapi).toBe('3.1.0');
  const references: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { $ref } = node as Schema;
    if (typeof $ref === 'string') references.push($ref);
    for (const child of Object.values(node)) walk(child);
  };
  walk(document);
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references)
    expect(document.components.schemas).toHaveProperty([reference.replace('#/components/schemas/', '')]);
  const { Money } = document.components.schemas;
  expect(Object.keys(Money.properties)).toEqual(['amount_minor', 'amount', 'currency']);
});

type Operation = {
  summary?: string;
  description?: string;
  security?: object[];
  responses: Record<string, { content: object }>;
};

test('every operation says what it answers, to whom, and in which formats', async () => {
  const { paths } = (await tiny.app.inject('/openapi.json')).json();
  for (const [path, operations] of Object.entries<Record<string, Operation>>(paths))
    for (const [method, operation] of Object.entries(operations)) {
      expect([path, method, operation.summary]).toEqual([path, method, expect.stringMatching(/\w/)]);
      if (method !== 'get' || !path.startsWith('/v1/') || path === '/v1/session') continue;
      expect(operation.description).toMatch(/Roles: /);
      expect(operation.security).toEqual([{ key: [] }, { session: [] }]);
      expect(operation.responses['200']?.content).toHaveProperty(['application/json']);
      expect(operation.responses['4XX']?.content).toHaveProperty(['application/problem+json']);
    }
});

test('the reference page loads nothing from another host', async () => {
  const page = await tiny.app.inject('/docs/');
  expect(page.statusCode).toBe(200);
  const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
  expect(sources.length).toBeGreaterThan(0);
  for (const source of sources) expect(source).not.toMatch(/^(https?:)?\/\//);
  const script = sources.find((source) => source.endsWith('.js'));
  expect((await tiny.app.inject(new URL(script!, 'http://localhost/docs/').pathname)).statusCode).toBe(200);
});

test('a route that does not say who may use it stops the start', async () => {
  const app = Fastify();
  const keys = keyStore();
  await app.register((await import('@fastify/cookie')).default);
  guard(app, { keys, sessions: createSessions(keys, Date.now) });
  app.get('/open', { config: { access: 'open' } }, () => 'yes');
  app.get('/forgotten', () => 'no');
  await expect(app.ready()).rejects.toThrow('/forgotten');
});

test('an app that acts for someone answers in this process only', async () => {
  const { releasesDirectory } = tiny;
  const principal = { key_id: 'publish', person: 'publish', role: 'leadership', partner_id: null } as const;
  const app = await buildApp({ releaseDirectory: `${releasesDirectory}/${FIRST}`, keys: keyStore(), principal });
  expect((await app.inject('/v1/revenue/monthly')).statusCode).toBe(200);
  expect((await app.inject('/v1/me')).statusCode).toBe(403);
  await expect(app.listen({ port: 0 })).rejects.toThrow('inject only');
  await app.close();
});

test('metrics count answers by route and status, for our own people', async () => {
  await tiny.get('/v1/deals/crm:D-404');
  const { body, headers } = await tiny.get('/metrics', secrets.revops);
  expect(headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(body).toMatch(
    /sourced_http_request_duration_seconds_count\{method="GET",route="\/v1\/deals\/:deal_id",status="404"\} 1/,
  );
  expect(body).toContain(`release_id="${FIRST}"`);
  expect(body).not.toContain('D-404');
  expect((await tiny.get('/metrics', secrets.partner)).statusCode).toBe(403);
  expect((await tiny.app.inject('/metrics')).statusCode).toBe(401);
});
