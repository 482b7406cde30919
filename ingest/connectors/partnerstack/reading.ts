// How PartnerStack is read: lists come newest first and go on after a key. What cannot be asked for by its last change is read
// whole, which also shows what is gone; rewards, of which only the creation can be asked for, are read again for half a year.
import { SourceError } from '../../../core/errors.ts';
import type { StreamName } from '../../../core/streams.ts';
import type { Batch, Reading, State } from '../../api.ts';
import type { HttpClient } from '../../http.ts';
import { frozenWindow, tokenGuard } from '../../window.ts';

type Item = { readonly key: string; readonly created_at?: number };
type Page = { readonly data?: { readonly has_more?: boolean; readonly items?: readonly Item[] } };
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type Listing = {
  readonly client: HttpClient;
  /** The collection, and the kind of its pages. */
  readonly object: string;
  /** Source and object, for messages. */
  readonly origin: string;
  readonly query: Query;
  /** Whether a sweep can be gone on with. */
  readonly isUnderWay: (id: string) => Promise<boolean>;
};

/** Changes of the last minute may not be listed yet; clocks may differ by some minutes. */
const settle_ms = 60_000;
const lookback_ms = 600_000;
const maxRestarts = 3;

type Swept = { readonly since: number; readonly swept_at: number };
type SweepOptions = { readonly streams: readonly StreamName[]; readonly keep?: State };

/** Everything there is, with a sweep of `streams`. One that goes on after a killed run is followed by one of now. */
export async function* readWhole(listing: Listing, reading: Reading, options: SweepOptions): AsyncGenerator<Batch> {
  const { state, is_resumed } = yield* sweep(listing, reading, options);
  if (is_resumed) yield* sweep(listing, { ...reading, state }, options);
}

/** One sweep, from after the last committed key; gives the state that it leaves. */
async function* sweep(
  listing: Listing,
  { state, now, pages }: Reading,
  { streams, keep = {} }: SweepOptions,
): AsyncGenerator<Batch, { readonly state: State & Swept; readonly is_resumed: boolean }> {
  const last = state?.sweep as { id: string; started: number; after: string } | undefined;
  const saved = last && (await listing.isUnderWay(last.id)) ? last : undefined;
  const id = saved?.id ?? `${listing.object} ${now}`;
  const started = saved?.started ?? now;
  for await (const after of pagesAfter(listing, saved?.after, pages))
    if (pages.is_full)
      yield { state: { ...keep, sweep: { id, started, after } }, sweep: { id, streams, is_complete: false } };
  const done = { since: started - settle_ms, swept_at: started };
  yield { state: done, sweep: { id, streams, is_complete: true } };
  return { state: done, is_resumed: saved !== undefined };
}

/** What changed since the last window, for lists that can be asked for it; everything when a sweep is due. */
export async function* readChanges(
  listing: Listing,
  reading: Reading,
  { streams, sweep_ms }: { streams: readonly StreamName[]; sweep_ms: number },
): AsyncGenerator<Batch> {
  const { state, now, pages } = reading;
  const swept_at = state?.swept_at as number | undefined;
  if (state?.sweep || swept_at === undefined || now - swept_at >= sweep_ms) {
    const keep = pick(state ?? {}, ['since', 'swept_at']);
    const swept = yield* sweep(listing, reading, { streams, keep });
    if (swept.is_resumed) yield* readChanges(listing, { ...reading, state: swept.state }, { streams, sweep_ms });
    return;
  }
  const saved = state?.window as { from: number; to: number; after: string } | undefined;
  const { from, to } =
    saved ?? frozenWindow({ since: state?.since as number, lookback_ms, settle_ms, now, origin: listing.origin });
  const windowed = { ...listing, query: { ...listing.query, min_updated: from, max_updated: to - 1 } };
  for await (const after of pagesAfter(windowed, saved?.after, pages))
    if (pages.is_full) yield { state: { ...pick(state!, ['since', 'swept_at']), window: { from, to, after } } };
  const done = { since: to, swept_at };
  yield { state: done };
  if (saved) yield* readChanges(listing, { state: done, now, pages }, { streams, sweep_ms });
}

/**
 * Rewards created in the last `rescan_ms`, in spans that are whole: each batch says from when to when it holds all rewards, so
 * that one that is gone can be told from one that was not read.
 */
export async function* readRewards(
  listing: Listing,
  { state, now, pages }: Reading,
  { start, rescan_ms }: { start: number; rescan_ms: number },
): AsyncGenerator<Batch> {
  const saved = state?.window as { from: number; to: number; until: number } | undefined;
  const window =
    saved ??
    frozenWindow({
      since: state?.since as number | undefined,
      start,
      lookback_ms: rescan_ms,
      settle_ms,
      now,
      origin: listing.origin,
    });
  const until = saved?.until ?? window.to;
  let to = window.to;
  let restart = true;
  while (restart) {
    restart = false;
    const query = { ...listing.query, min_created: window.from, max_created: to - 1 };
    for await (const { items } of lists({ ...listing, query }, undefined, pages)) {
      const oldest = Number(items.at(-1)?.created_at);
      if (!pages.is_full || !(oldest < to - 1)) continue;
      // Others may have been created in the same millisecond as the oldest: the next span begins with it.
      await pages.add('span', JSON.stringify({ from: oldest + 1, to: to - 1 }));
      to = oldest + 1;
      yield { state: { ...pick(state ?? {}, ['since']), window: { from: window.from, to, until } } };
      restart = true;
      break;
    }
  }
  await pages.add('span', JSON.stringify({ from: window.from, to: to - 1 }));
  yield { state: { since: until } };
  if (saved) yield* readRewards(listing, { state: { since: until }, now, pages }, { start, rescan_ms });
}

/** Adds page after page; gives the key after which the next one begins. A key that is gone begins the list anew. */
async function* pagesAfter(
  listing: Listing,
  first: string | undefined,
  pages: Reading['pages'],
): AsyncGenerator<string> {
  for await (const { next } of lists(listing, first, pages)) if (next !== undefined) yield next;
}

async function* lists(
  { client, object, origin, query }: Listing,
  first: string | undefined,
  pages: Reading['pages'],
): AsyncGenerator<{ items: readonly Item[]; next: string | undefined }> {
  let isNew = tokenGuard(origin);
  let restarts = 0;
  let after = first;
  for (let isOpen = true; isOpen; ) {
    const answer = await client.get(object, {
      query: { ...query, starting_after: after },
      accept: after !== undefined && restarts < maxRestarts ? [404] : [],
    });
    if (answer.status === 404) {
      restarts++;
      after = undefined;
      isNew = tokenGuard(origin);
      continue;
    }
    const { items, has_more } = pageOf(answer.json<Page>(), origin);
    await pages.add(object, answer.bytes, '$.data.items[*]');
    after = has_more ? items.at(-1)?.key : undefined;
    if (has_more && after === undefined) throw notAList(origin);
    if (after !== undefined) isNew(after);
    yield { items, next: after };
    isOpen = after !== undefined;
  }
}

function pageOf({ data }: Page, origin: string): { items: readonly Item[]; has_more: boolean } {
  if (!Array.isArray(data?.items) || typeof data.has_more !== 'boolean') throw notAList(origin);
  return { items: data.items, has_more: data.has_more };
}

function notAList(origin: string): SourceError {
  return new SourceError(`${origin}: the answer is no page of a list`, {
    hint: 'run again; if it stays, check `base_url` of this source in sourced.yaml',
  });
}

function pick(state: State, names: readonly string[]): State {
  return Object.fromEntries(names.filter((name) => state[name] !== undefined).map((name) => [name, state[name]]));
}
