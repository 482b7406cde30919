// How an answer leaves: the format that was asked for, from the cache where its bytes are known, with release id and ETag.
// Route files declare lists and documents with the two functions here and hold only their questions.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DecisionBook } from '../core/decision.ts';
import type { Role } from './access.ts';
import type { Answer, AnswerCache } from './answer-cache.ts';
import { arrowOf } from './arrow.ts';
import type { Access, Principal } from './auth.ts';
import type { Columns, Row } from './columns.ts';
import { ApiProblem } from './errors.ts';
import { csvOf, jsonRow } from './faces.ts';
import { etagOf, type Format, isKnown, mediaTypes, negotiate } from './formats.ts';
import { type ListPage, type ListQuery, type PageRequest, paging, readPage } from './lists.ts';
import type { Release, ReleaseStore } from './release-store.ts';
import { listOf, problemResponse } from './schemas.ts';
import type { ReleaseTable } from './tables.ts';

/** What a question may depend on. Whoever asks is part of it: an answer is never given to another. */
export interface Context<Query = unknown, Params = unknown> {
  readonly release: Release;
  readonly principal: Principal;
  readonly query: Query;
  readonly params: Params;
  readonly decisions: DecisionBook;
  /** Everything that the answer depends on but the page: what a cursor belongs to. */
  readonly question: string;
}

export interface ApiServices {
  readonly store: ReleaseStore;
  readonly cache: AnswerCache;
  readonly decisions: DecisionBook;
}

interface RouteText {
  readonly url: string;
  readonly roles: readonly Role[];
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Left out of the OpenAPI document. */
  readonly hide?: boolean;
  /** Shows people's decisions over the release's figures: an answer holds until the next decision. */
  readonly isOverlaid?: boolean;
}

export interface ListRoute<Query extends z.ZodRawShape, Params extends z.ZodRawShape> extends RouteText {
  readonly row: Row;
  readonly query: Query;
  readonly params?: Params;
  /** A table without which the release has no answer at all. */
  readonly table?: ReleaseTable;
  ask(context: Context<z.output<z.ZodObject<Query>>, z.output<z.ZodObject<Params>>>): ListQuery | Promise<ListQuery>;
  /** Further fields of the JSON answer, over all pages; and then its schema. May refuse by throwing. */
  extend?(context: Context<z.output<z.ZodObject<Query>>, z.output<z.ZodObject<Params>>>): Promise<object>;
  readonly schema?: z.ZodType;
}

/** One page of rows with the columns that they have. */
export interface FlatPage extends ListPage {
  readonly columns: Columns;
}

const formatParameter = z.enum(['json', 'csv', 'arrow']).optional().describe('Instead of the Accept header, for links');

const flatContents = {
  'text/csv': { schema: z.string().describe('The same rows; money as x_minor (integer) and x (decimal)') },
  'application/vnd.apache.arrow.stream': { schema: z.string().describe('The same rows; money as x_minor (Int64)') },
};

/** Declares a list: JSON, CSV and Arrow, paged by cursor. */
export function listRoute<Query extends z.ZodRawShape, Params extends z.ZodRawShape = Record<never, never>>(
  app: FastifyInstance,
  services: ApiServices,
  route: ListRoute<Query, Params>,
): void {
  const { row, table } = route;
  const querystring = z.strictObject({ ...route.query, ...paging, format: formatParameter });
  const contents = { 'application/json': { schema: route.schema ?? listOf(row) }, ...flatContents };
  get(app, route, querystring, route.params, contents, async (request, reply) => {
    const { format: asked, limit, cursor, ...query } = request.query as PageRequest & { format?: Format };
    const format = asked ?? negotiate(request, ['json', 'csv', 'arrow']);
    await respond(services, route, request, reply, format, async (release) => {
      if (table !== undefined && !release.has(table)) throw notInRelease(table);
      const context = contextOf(services, request, release, query);
      const further = await route.extend?.(context as never);
      const page = await readPage(
        release,
        row.columns,
        await route.ask(context as never),
        { limit, cursor },
        context.question,
      );
      return { next_cursor: page.next_cursor, bytes: encode(format, row, release, page, further) };
    });
  });
}

export interface DocumentRoute<Query extends z.ZodRawShape, Params extends z.ZodRawShape> extends RouteText {
  readonly schema: z.ZodType;
  readonly query?: Query;
  readonly params?: Params;
  /** The document without `release_id` and `as_of`, which are added. */
  answer(context: Context<z.output<z.ZodObject<Query>>, z.output<z.ZodObject<Params>>>): Promise<object>;
  /** The rows that it is about, where it comes as CSV and Arrow as well. */
  rows?(context: Context<z.output<z.ZodObject<Query>>, z.output<z.ZodObject<Params>>>): Promise<FlatPage>;
}

/** Declares an answer that is one JSON document; where it is about rows, they come as CSV and Arrow. */
export function documentRoute<
  Query extends z.ZodRawShape = Record<never, never>,
  Params extends z.ZodRawShape = Record<never, never>,
>(app: FastifyInstance, services: ApiServices, route: DocumentRoute<Query, Params>): void {
  const { rows } = route;
  const querystring = z.strictObject({
    ...route.query,
    format: rows ? formatParameter : z.literal('json').optional(),
  });
  const contents = { 'application/json': { schema: route.schema }, ...(rows ? flatContents : {}) };
  get(app, route, querystring, route.params, contents, async (request, reply) => {
    const { format: asked, ...query } = request.query as { format?: Format };
    const format = asked ?? negotiate(request, rows ? ['json', 'csv', 'arrow'] : ['json']);
    await respond(services, route, request, reply, format, async (release) => {
      const context = contextOf(services, request, release, query) as never;
      if (rows && format !== 'json') {
        const page = await rows(context);
        return { next_cursor: page.next_cursor, bytes: flat(format, release, page) };
      }
      const document = await route.answer(context);
      return { next_cursor: null, bytes: json({ ...stampOf(release), ...document }) };
    });
  });
}

type Contents = Readonly<Record<string, { schema: z.ZodType }>>;

function get(
  app: FastifyInstance,
  { url, roles, tag, summary, description, hide = false }: RouteText,
  querystring: z.ZodType,
  params: z.ZodRawShape | undefined,
  content: Contents,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<void>,
): void {
  app.route({
    method: 'GET',
    url,
    config: { access: roles satisfies Access },
    schema: {
      hide,
      tags: [tag],
      summary,
      description: [description, `Roles: ${roles.join(', ')}.`].filter(Boolean).join(' '),
      security: [{ key: [] }, { session: [] }],
      querystring,
      ...(params ? { params: z.strictObject(params) } : {}),
      response: { 200: { description: summary, content }, '4xx': problemResponse, '5xx': problemResponse },
    } as never,
    async handler(request, reply) {
      await handler(request, reply);
      return reply;
    },
  });
}

function contextOf({ decisions }: ApiServices, request: FastifyRequest, release: Release, query: unknown): Context {
  return {
    release,
    decisions,
    principal: request.principal!,
    query,
    params: request.params,
    question: questionOf(request),
  };
}

export function stampOf({ manifest }: Release): { release_id: string; as_of: string } {
  return { release_id: manifest.release_id, as_of: manifest.as_of };
}

function encode(format: Format, row: Row, release: Release, page: ListPage, further: object | undefined): Buffer {
  if (format !== 'json') return flat(format, release, { columns: row.columns, ...page });
  const items = page.rows.map((data) => jsonRow(row, data, release.manifest.reporting_currency));
  return json({ ...stampOf(release), ...further, items, next_cursor: page.next_cursor });
}

function flat(format: 'csv' | 'arrow', { manifest }: Release, { columns, rows }: FlatPage): Buffer {
  const face = format === 'csv' ? csvOf : arrowOf;
  return Buffer.from(face(columns, rows, manifest.reporting_currency));
}

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function notInRelease(table: ReleaseTable): ApiProblem {
  return new ApiProblem('not_found', `The current release has no table ${table}; run \`npx --no sourced run\`.`);
}

/** The question without its page and format: what a cursor belongs to. */
function questionOf(request: FastifyRequest): string {
  const url = new URL(request.url, 'http://localhost');
  for (const name of ['cursor', 'limit', 'format']) url.searchParams.delete(name);
  url.searchParams.sort();
  return `${scopeOf(request)} ${url.pathname}?${url.searchParams}`;
}

function scopeOf({ principal }: FastifyRequest): string {
  return `${principal?.role}/${principal?.partner_id ?? ''}`;
}

async function respond(
  { store, cache, decisions }: ApiServices,
  { isOverlaid = false }: RouteText,
  request: FastifyRequest,
  reply: FastifyReply,
  format: Format,
  produce: (release: Release) => Promise<{ bytes: Buffer; next_cursor: string | null }>,
): Promise<void> {
  const lease = await store.lease();
  try {
    const { release } = lease;
    const { release_id } = release.manifest;
    const known = isOverlaid ? String(decisions.last()) : '';
    const { created_at } = release.manifest;
    const name = [release.directory, created_at, known, format, scopeOf(request), request.url].join('\n');
    const answer = await cache.get(name, async () => {
      const { bytes, next_cursor } = await produce(release);
      return { release_id, format, bytes, next_cursor, etag: etagOf(bytes, format) };
    });
    send(request, reply, answer);
  } finally {
    lease.end();
  }
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): void {
  const { release_id, etag, next_cursor, format, bytes } = answer;
  reply.headers({
    'x-release-id': release_id,
    etag,
    'cache-control': 'private, no-cache',
    vary: 'Accept, Authorization, Cookie',
  });
  if (next_cursor !== null) reply.header('x-next-cursor', next_cursor).header('link', linkTo(request.url, next_cursor));
  if ((request.query as { format?: Format }).format !== undefined && format !== 'json')
    reply.header('content-disposition', `attachment; filename="${fileName(request.url, format)}"`);
  if (isKnown(request.headers['if-none-match'], etag)) reply.code(304).send();
  else reply.type(mediaTypes[format]).send(bytes);
}

/** Such as commissions-entries.csv, for what a link downloads. */
function fileName(url: string, format: Format): string {
  const words = decodeURIComponent(url.split('?')[0] ?? '').match(/[\w.-]+/g) ?? [];
  return `${words.slice(1).join('-')}.${format}`;
}

function linkTo(url: string, cursor: string): string {
  const next = new URL(url, 'http://localhost');
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
