// A connector of the small vendor: a right one, and with each `fault` one that is wrong in a way that connectors really are.
import { z } from 'zod';
import { SourceError } from '../../../core/errors.ts';
import type { Batch, Reading, RecordMapping, VendorObject } from '../../../ingest/api.ts';
import type { ApiConnector, ConnectorContext } from '../../../ingest/connector.ts';
import { type Answer, type HttpClient, httpClient } from '../../../ingest/http.ts';
import { secret } from '../../../ingest/secret.ts';
import { amountOfMinor, instantOfMilliseconds } from '../../../ingest/vendor-sql.ts';
import { frozenWindow, tokenGuard } from '../../../ingest/window.ts';

/** Each makes the connector wrong in one way. */
export const faults = {
  loses_last_page: 'the last page of a listing is not kept',
  loses_first_record: 'the first record of each later page is skipped',
  saves_cursor_early: 'the state says that a page is in before it is',
  thaws_window: 'a window that is taken up again ends at another time than it began with',
  no_lookback: 'records whose stamps show up late are never seen',
  doubles: 'each reading gives a record another key',
  new_version_each_time: 'what is kept changes with each reading',
  swallows_errors: 'a page that fails passes for the end of the list',
  stops_at_bad_record: 'one bad record ends the reading',
  drops_bad_records: 'a bad record is left out without a trace',
  trusts_inline_lines: 'only the lines that are sent inline are kept',
  keeps_lost_children: 'lines that left their order stay',
  ignores_tombstones: 'deleted customers stay',
  never_sweeps: 'orders that vanish stay',
  half_sweep: 'a sweep says that it is complete after its first page',
  follows_for_ever: 'a page token that repeats is followed',
  keeps_its_key: 'the saved state holds the credential',
  no_hint: 'an error does not say what to do',
} as const;
export type Fault = keyof typeof faults;

const options = z.object({ base_url: z.url(), token: secret('from the vendor') });
type Options = z.output<typeof options>;
type Context = ConnectorContext<Options>;
type Page = { data: { id: string; line_count?: number; status?: unknown }[]; next: string | null };
type Window = { from: number; to: number; after: string };
type VendorState = { since?: number; window?: Window | undefined; swept?: number; sweep_after?: string; key?: string };

/** Everything is listed once a day. */
const sweepEvery_ms = 86_400_000;

export function vendorConnector(fault?: Fault): ApiConnector<Options> {
  return {
    name: 'vendor',
    options,
    delivers: ['billing_customers', 'invoices', 'invoice_lines'],
    check: async (context) => {
      await clientOf(context).get('/customers', { query: { from: 0, to: 1 } });
      return [{ subject: 'vendor', ok: true, detail: 'it answers' }];
    },
    objects: async (context) => [customers(context, fault), orders(context, fault)],
  };
}

function clientOf({ world, options: { base_url, token } }: Context, fault?: Fault): HttpClient {
  const client = httpClient(world, {
    system: 'Vendor',
    base_url,
    secrets: [token],
    authorise: async () => ({ authorization: `Bearer ${token}` }),
  });
  if (fault !== 'no_hint') return client;
  const withoutHint = async (work: Promise<Answer>) =>
    work.catch(({ message }: Error) => {
      throw new SourceError(message, { hint: '' });
    });
  return { ...client, get: (path, more) => withoutHint(client.get(path, more)) };
}

const seen = (fault?: Fault) =>
  fault === 'new_version_each_time' ? `json_merge_patch(record, json_object('seen', fetched_at))` : 'record';
const keyOf = (fault?: Fault) => (fault === 'doubles' ? `id || '-' || right(fetched_at, 8)` : 'id');

function customers(context: Context, fault?: Fault): VendorObject {
  const mapping: RecordMapping = {
    stream: 'billing_customers',
    fields: { id: '$.id', name: '$.name', deleted: '$.is_deleted' },
    columns: { customer_id: keyOf(fault), name: 'name' },
    other: seen(fault),
    ...(fault !== 'ignores_tombstones' && { is_deleted: 'deleted' }),
  };
  return {
    object: 'customers',
    records: [mapping],
    query: { version: 1 },
    read: (reading) => readWindow(context, reading, { path: '/customers', fault }),
  };
}

function orders(context: Context, fault?: Fault): VendorObject {
  const invoices: RecordMapping = {
    stream: 'invoices',
    fields: { id: '$.id', customer: '$.customer', status: '$.status', issued: '$.issued' },
    columns: {
      invoice_id: 'id',
      customer_id: 'customer',
      status: 'status',
      issued_at: instantOfMilliseconds('issued'),
      currency: `'USD'`,
    },
    ...(fault === 'drops_bad_records' && { skip: 'status IS NULL' }),
  };
  const inline = `SELECT position, json_extract_string(record, '$.id') AS order_id, unnest(json_extract(record, '$.lines[*]')) AS record
    FROM fetched WHERE kind = 'orders' AND json_array_length(record, '$.lines') = (record ->> '$.line_count')::INTEGER`;
  const all = inline.replace(/AND json_array_length.*$/s, '');
  const paged = `SELECT position, json_extract_string(record, '$.order') AS order_id, json_extract(record, '$.line') AS record
    FROM fetched WHERE kind = 'lines'`;
  const lines: RecordMapping = {
    stream: 'invoice_lines',
    relation: fault === 'trusts_inline_lines' ? `(${all})` : `(${inline} UNION ALL ${paged})`,
    fields: { id: '$.id', amount: '$.amount', product: '$.product' },
    columns: { line_id: 'id', invoice_id: 'order_id', product: 'product', amount: amountOfMinor('amount', `'USD'`) },
    ...(fault !== 'keeps_lost_children' && {
      replaces: { column: 'invoice_id', parents: `SELECT record ->> '$.id' FROM fetched WHERE kind = 'orders'` },
    }),
  };
  const ids: RecordMapping = {
    stream: 'invoices',
    relation: `(SELECT * FROM fetched WHERE kind = 'ids')`,
    fields: { id: '$.id' },
    columns: { invoice_id: 'id' },
    presence_only: true,
  };
  return {
    object: 'orders',
    records: [invoices, lines, ids],
    query: { version: 1 },
    async *read(reading) {
      let state: VendorState = {};
      for await (const batch of readWindow(context, reading, { path: '/orders', fault })) {
        state = batch.state;
        yield batch;
      }
      if (fault === 'never_sweeps' || (state.swept && state.swept > reading.now - sweepEvery_ms)) return;
      yield* sweep(context, reading, state, fault);
    },
  };
}

type Listing = { path: string; fault?: Fault | undefined };
type VendorBatch = Batch & { state: VendorState };

/** A window that was left open is ended first; what changed since it began is in the next one. */
async function* readWindow(context: Context, reading: Reading, listing: Listing): AsyncGenerator<VendorBatch> {
  const state = (reading.state ?? {}) as VendorState;
  const ended = yield* readOnce(context, { ...reading, state }, listing);
  if (state.window) yield* readOnce(context, { ...reading, state: ended }, listing);
}

async function* readOnce(
  context: Context,
  { state, now, pages }: Reading & { state: VendorState },
  { path, fault }: Listing,
): AsyncGenerator<VendorBatch, VendorState> {
  const origin = `${context.source}: ${path}`;
  const client = clientOf(context, fault);
  const fresh = frozenWindow({
    since: state.since,
    lookback_ms: fault === 'no_lookback' ? 0 : 3_600_000,
    settle_ms: fault === 'no_lookback' ? 0 : 120_000,
    now,
    origin,
  });
  const { from, to } = state.window && fault !== 'thaws_window' ? state.window : fresh;
  const isNew = tokenGuard(origin);
  let after = state.window?.after ?? '';
  const key = fault === 'keeps_its_key' ? { key: context.options.token } : {};
  for (;;) {
    const page = await pageOf(client, path, { from, to, after }, fault);
    if (!page) break;
    const { next, data } = page.json<Page>();
    if (next && fault === 'saves_cursor_early') yield { state: { ...state, window: { from, to, after: next } } };
    if (fault === 'stops_at_bad_record' && data.some(({ status }) => status === null))
      throw new SourceError('bad record', { hint: 'mend it' });
    if (next || fault !== 'loses_last_page' || !after)
      await keep(pages, path.slice(1), page, { skip: fault === 'loses_first_record' && after !== '' });
    if (path === '/orders' && fault !== 'trusts_inline_lines') await keepLines(client, pages, data);
    if (!next) break;
    if (fault !== 'follows_for_ever') isNew(next);
    else if (next === after) break;
    after = next;
    if (pages.is_full) yield { state: { ...state, ...key, window: { from, to, after } } };
  }
  const ended = { ...state, ...key, since: to, window: undefined };
  yield { state: ended };
  return ended;
}

async function pageOf(client: HttpClient, path: string, query: Window, fault?: Fault): Promise<Answer | undefined> {
  try {
    return await client.get(path, { query });
  } catch (error) {
    if (fault === 'swallows_errors') return undefined;
    throw error;
  }
}

async function keep(pages: Reading['pages'], kind: string, page: Answer, { skip }: { skip: boolean }): Promise<void> {
  if (!skip) return pages.add(kind, page.bytes, '$.data[*]');
  const { data } = page.json<Page>();
  await pages.add(kind, JSON.stringify({ data: data.slice(1) }), '$.data[*]');
}

/** Only as many lines are inline; the rest of an order's lines are asked for. */
async function keepLines(client: HttpClient, pages: Reading['pages'], data: Page['data']): Promise<void> {
  for (const { id, line_count } of data) {
    if ((line_count ?? 0) <= 2) continue;
    const answer = await client.get(`/orders/${id}/lines`, { accept: [404] });
    if (answer.status === 404) continue;
    const lines = answer.json<{ data: unknown[] }>().data.map((line) => JSON.stringify({ order: id, line }));
    await pages.add('lines', lines.join('\n'));
  }
}

/** Every id there is; orders that are not among them are gone, and their lines with them. */
async function* sweep(
  context: Context,
  { now, pages }: Reading,
  state: VendorState,
  fault?: Fault,
): AsyncGenerator<Batch> {
  const client = clientOf(context, fault);
  const id = new Date(now).toISOString();
  const sweep = { id, streams: ['invoices'], children: [{ stream: 'invoice_lines', column: 'invoice_id' }] } as const;
  let after = '';
  for (;;) {
    const answer = await client.get('/order_ids', { query: { after } });
    await pages.add('ids', answer.bytes, '$.data[*]');
    const { next } = answer.json<Page>();
    if (!next || fault === 'half_sweep') break;
    after = next;
    if (pages.is_full) yield { state: { ...state }, sweep: { ...sweep, is_complete: false } };
  }
  yield { state: { ...state, swept: now }, sweep: { ...sweep, is_complete: true } };
}
