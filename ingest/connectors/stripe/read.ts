// Reads one kind of Stripe's objects: a list of all of them, newest first, below a frozen bound; afterwards the events since,
// each only as a notice to read its object again. Events are kept 30 days: after a longer silence everything is listed anew.
import type { Batch, PageStore, Reading, State } from '../../api.ts';
import { hasVersions } from '../../land.ts';
import { frozenWindow } from '../../window.ts';
import type { StripeContext } from '../stripe.ts';
import { pagesOf, type Query, type StripeClient, type StripeItem, type StripePage, stripeClient } from './client.ts';
import type { Collection } from './objects.ts';

export type Fetching = { readonly client: StripeClient; readonly pages: PageStore; readonly context: StripeContext };

type Scan = {
  readonly to: number;
  readonly list: number;
  readonly after: string | null;
  /** Records were known before it began. */
  readonly is_again: boolean;
};
type StripeState = { readonly since: number | null; readonly scan: Scan | null };

/** Stripe keeps events 30 days; a day less is trusted. */
const horizon_ms = 29 * 86_400_000;
/** Events that show up late were at most minutes late. */
const lookback_ms = 60 * 60_000;
const settle_ms = 60_000;
/** Objects that are read again at the same time. */
const parallel = 8;

export async function* readCollection(
  context: StripeContext,
  collection: Collection,
  { state, now, pages }: Reading,
): AsyncGenerator<Batch> {
  const fetching = { client: stripeClient(context), pages, context };
  const origin = `${context.source}: ${collection.name}`;
  const { since, scan } = stateOf(state);
  const bounds = frozenWindow({ since: since ?? undefined, lookback_ms, settle_ms, now, origin });
  let from = since;
  if (scan || from === null || from < now - horizon_ms) {
    const begun: Scan = scan ?? { to: bounds.to, list: 0, after: null, is_again: await isKnown(context, collection) };
    yield* scanned(fetching, collection, { since, scan: begun, origin });
    from = begun.to;
  }
  if (!collection.events.length || from >= bounds.to) return;
  if (from < now - horizon_ms) return; // a scan that was taken up again after weeks: the next reading lists anew
  yield* noticed(fetching, collection, { from: from - lookback_ms, to: bounds.to, since: from, origin });
}

function stateOf(state: State | null): StripeState {
  return { since: (state?.since as number | null) ?? null, scan: (state?.scan as Scan | null) ?? null };
}

/** Everything that was created before the bound. The last id of a page is where the next one begins, also after a kill. */
async function* scanned(
  fetching: Fetching,
  collection: Collection,
  { since, scan, origin }: { since: number | null; scan: Scan; origin: string },
): AsyncGenerator<Batch> {
  const { client, pages, context } = fetching;
  const start = context.options.start_date ? seconds(Date.parse(context.options.start_date)) : undefined;
  const bounds = { 'created[lt]': seconds(scan.to), 'created[gte]': start };
  const listed = new Set<string>();
  await collection.begin?.(fetching);
  for (const [list, { path, kind, query }] of collection.lists.entries()) {
    if (list < scan.list) continue;
    const after = list === scan.list ? (scan.after ?? undefined) : undefined;
    for await (const { page, next } of pagesOf(client, path, { query: { ...query, ...bounds }, after, origin })) {
      await add(fetching, collection, kind, page);
      if (collection.finish && scan.is_again) for (const { id } of page.data) listed.add(id);
      if (next === undefined || !pages.is_full) continue;
      yield { state: { since, scan: { ...scan, list, after: next } } };
      await collection.begin?.(fetching);
    }
  }
  if (scan.is_again) await collection.finish?.(fetching, listed);
  yield { state: { since: scan.to, scan: null } };
}

function isKnown({ warehouse, source }: StripeContext, { records }: Collection): Promise<boolean> {
  return hasVersions(warehouse, 'stripe', records[0]!.stream, source);
}

async function add(fetching: Fetching, collection: Collection, kind: string, page: StripePage): Promise<void> {
  await fetching.pages.add(kind, page.bytes, '$.data[*]');
  for (const item of page.data) await collection.complete?.(fetching, kind, item);
}

type Notice = { readonly created: number; readonly targets: readonly Target[] };
/** What to read again: one object, or a list of few. */
export type Target = { readonly kind: string; readonly path: string; readonly query?: Query };

/** Reads again what events of the window speak of, oldest first, each object once. */
async function* noticed(
  fetching: Fetching,
  collection: Collection,
  { from, to, since, origin }: { from: number; to: number; since: number; origin: string },
): AsyncGenerator<Batch> {
  const notices = await noticesIn(fetching, collection, { from, to, origin });
  await collection.begin?.(fetching);
  const done = new Set<string>();
  let open: Target[] = [];
  for (const [index, { targets }] of notices.entries()) {
    for (const target of targets) {
      const name = target.path + JSON.stringify(target.query ?? {});
      if (!done.has(name)) open.push(target);
      done.add(name);
    }
    const next = notices[index + 1];
    if (open.length < parallel && next) continue;
    await readAgain(fetching, collection, open);
    open = [];
    if (!next || !fetching.pages.is_full) continue;
    yield { state: { since: Math.max(since, next.created * 1000), scan: null } };
    await collection.begin?.(fetching);
  }
  yield { state: { since: to, scan: null } };
}

async function noticesIn(
  { client }: Fetching,
  collection: Collection,
  { from, to, origin }: { from: number; to: number; origin: string },
): Promise<Notice[]> {
  const notices: Notice[] = [];
  const query = { 'created[gte]': seconds(from), 'created[lt]': seconds(to), 'types[]': collection.events };
  for await (const { page } of pagesOf(client, '/v1/events', { query, origin }))
    notices.push(...page.data.map((event) => ({ created: event.created ?? 0, targets: targetsOf(collection, event) })));
  return notices.reverse();
}

/** An event of a kind that was not asked for speaks of no object of this one. */
function targetsOf(collection: Collection, { type, data }: StripeItem): readonly Target[] {
  return data?.object.id && collection.events.includes(type ?? '') ? collection.targets(data.object) : [];
}

/** Answers come in any order; pages are kept in the order of the notices. */
async function readAgain(fetching: Fetching, collection: Collection, targets: readonly Target[]): Promise<void> {
  for (let start = 0; start < targets.length; start += parallel) {
    const some = targets.slice(start, start + parallel);
    const answers = await Promise.all(some.map((target) => answersTo(fetching, target)));
    for (const [index, { page, object }] of answers.entries()) {
      const { kind } = some[index]!;
      for (const part of page ?? []) await add(fetching, collection, kind, part);
      if (!object || !collection.keeps(object.item)) continue;
      await fetching.pages.add(kind, object.bytes);
      await collection.complete?.(fetching, kind, object.item);
    }
  }
}

async function answersTo({ client, context }: Fetching, { path, query }: Target) {
  if (!query) return { object: await client.object(path) };
  const page: StripePage[] = [];
  for await (const part of pagesOf(client, path, { query, origin: `${context.source}: ${path}` })) page.push(part.page);
  return { page };
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
