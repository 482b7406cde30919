// Reads one vendor object: everything there is once a day, what changed in a frozen window otherwise, archived records always.
// Can be resumed after any batch; a record's associations and history are in the batch of the record.
import { SourceError } from '../../../core/errors.ts';
import type { StreamName } from '../../../core/streams.ts';
import type { Batch, Reading, State } from '../../api.ts';
import { frozenWindow, tokenGuard } from '../../window.ts';
import { linkKind } from './mappings.ts';
import { ASSOCIATION_BATCH, HISTORY_PAGE, type Page, type Portal } from './portal.ts';

/** One type of HubSpot objects to read: what to ask for, and the kind under which its pages are kept. */
export type Part = {
  readonly type: string;
  readonly kind: string;
  readonly modified: 'lastmodifieddate' | 'hs_lastmodifieddate';
  readonly properties: readonly string[];
  readonly history: readonly string[];
  readonly links: readonly string[];
};

/** What a batch needs beside its records to be read by SQL. */
export type Side = 'owners' | 'stages' | 'portal';

export type ReadOptions = {
  readonly origin: string;
  readonly portal: Portal;
  readonly parts: readonly Part[];
  readonly sides: readonly Side[];
  /** Streams whose every key is here, so that what is missing is deleted. */
  readonly sweeps: readonly StreamName[];
  readonly sweep_ms: number;
  /** Throws SourceError where a property that the mapping needs does not exist. */
  readonly verify: () => Promise<void>;
};

/** Records surface up to this late with an older time of change. */
const LOOKBACK_MS = 15 * 60_000;
/** Search shows a change within a minute or so. */
const SETTLE_MS = 5 * 60_000;

type Run = {
  /** The id of a sweep, null for a window of changes. */
  readonly sweep: string | null;
  readonly from: number;
  readonly to: number;
  /** Position in the list of steps: live records of each part, then archived ones of each part. */
  readonly step: number;
  /** The last id of the step, or the token of its next page. */
  readonly after: string | null;
};
type Progress = { readonly since: number | null; readonly swept_at: number | null; readonly run: Run | null };

export async function* read(options: ReadOptions, reading: Reading): AsyncGenerator<Batch> {
  let progress = (reading.state as Progress | null) ?? { since: null, swept_at: null, run: null };
  assertPast(options, progress, reading.now);
  await options.verify();
  const sides = await sidePages(options);
  for (let isResumed = progress.run !== null; ; isResumed = false) {
    const run = progress.run ?? nextRun(options, progress, reading.now);
    yield* perform(options, reading, { run, progress, sides });
    progress = {
      since: run.to,
      swept_at: run.sweep === null ? progress.swept_at : Number(run.sweep),
      run: null,
    };
    if (!isResumed) return;
  }
}

function assertPast({ origin }: ReadOptions, { since, run }: Progress, now: number): void {
  const upTo = run?.to ?? since;
  if (upTo !== null) frozenWindow({ since: upTo, lookback_ms: 0, settle_ms: 0, now, origin });
}

function nextRun({ origin, sweep_ms }: ReadOptions, { since, swept_at }: Progress, now: number): Run {
  const bounds = { lookback_ms: LOOKBACK_MS, settle_ms: SETTLE_MS, now, origin };
  const { from, to } = frozenWindow({ ...bounds, since: since ?? undefined });
  const isDue = since === null || swept_at === null || swept_at + sweep_ms <= now;
  return { sweep: isDue ? String(now) : null, from: isDue ? 0 : from, to, step: 0, after: null };
}

type Performing = { readonly run: Run; readonly progress: Progress; readonly sides: SidePages };

async function* perform(
  options: ReadOptions,
  { pages }: Reading,
  { run, progress, sides }: Performing,
): AsyncGenerator<Batch> {
  const steps = [
    ...options.parts.map((part) => ({ part, archived: false })),
    ...options.parts.map((part) => ({ part, archived: true })),
  ];
  const collected = collector(options, pages);
  const sweepOf = (is_complete: boolean) =>
    run.sweep === null ? {} : { sweep: { id: run.sweep, streams: options.sweeps, is_complete } };
  for (let step = run.step; step < steps.length; step++) {
    const { part, archived } = steps[step]!;
    const after = step === run.step ? run.after : null;
    const found =
      archived || run.sweep !== null
        ? listed(options, part, { archived, after })
        : changed(options, part, { run, after: after ?? '0' });
    for await (const page of found) {
      await collected.add(part, page);
      if (!pages.is_full) continue;
      await collected.finish(sides);
      const next = { ...run, step, after: page.after };
      if (page.after !== null) yield { state: { ...progress, run: next } as State, ...sweepOf(false) };
    }
  }
  await collected.finish(sides);
  const swept_at = run.sweep === null ? progress.swept_at : Number(run.sweep);
  yield { state: { since: run.to, swept_at, run: null } satisfies Progress as State, ...sweepOf(true) };
}

type Found = {
  readonly bodies: readonly Uint8Array[];
  readonly ids: readonly string[];
  /** Where the step goes on; null at its end. */
  readonly after: string | null;
};

/** All records of a type, page by page; HubSpot lists by ascending id. */
async function* listed(
  { portal, origin }: ReadOptions,
  { type, properties, history }: Part,
  { archived, after: first }: { archived: boolean; after: string | null },
): AsyncGenerator<Found> {
  const isNew = tokenGuard(origin);
  let after = first ?? undefined;
  if (after) isNew(after);
  do {
    const answer = await portal.list(type, { properties, history, archived, after });
    const { results, paging } = answer.json<Page>();
    after = paging?.next?.after;
    if (after) isNew(after);
    // An archived record is only a tombstone: its associations are gone.
    yield { bodies: [answer.bytes], ids: archived ? [] : results.map(({ id }) => id), after: after ?? null };
  } while (after);
}

/** The records of a type that changed inside the window, by ascending id. */
async function* changed(
  { portal, origin }: ReadOptions,
  { type, modified, properties, history }: Part,
  { run, after: first }: { run: Run; after: string },
): AsyncGenerator<Found> {
  let after_id = first;
  for (;;) {
    const { from, to } = run;
    const answer = await portal.search(type, { modified, from, to, after_id, properties });
    const { results, paging } = answer.json<Page>();
    const ids = results.map(({ id }) => id);
    const last = ids.at(-1);
    if (last !== undefined && BigInt(last) <= BigInt(after_id))
      throw new SourceError(`${origin}: search gave ${type} ${last} again after ${after_id}`, {
        hint: 'run again later; what was complete is kept',
        transient: true,
      });
    const isLast = last === undefined || !paging?.next?.after;
    const bodies = history.length ? await withHistory(portal, { type, properties, history }, ids) : [answer.bytes];
    yield { bodies, ids, after: isLast ? null : last };
    if (isLast) return;
    after_id = last;
  }
}

/** Search gives no history: the records are read once more by their ids. */
async function withHistory(
  portal: Portal,
  { type, properties, history }: Pick<Part, 'type' | 'properties' | 'history'>,
  ids: readonly string[],
): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  for (let start = 0; start < ids.length; start += HISTORY_PAGE) {
    const inputs = ids.slice(start, start + HISTORY_PAGE).map((id) => ({ id }));
    bodies.push((await portal.readBatch(type, { inputs, properties, propertiesWithHistory: history })).bytes);
  }
  return bodies;
}

/** Keeps pages of records; asks for their associations a thousand at a time, and always before a batch ends. */
function collector({ portal }: ReadOptions, pages: Reading['pages']) {
  const waiting = new Map<Part, string[]>();
  const link = async (part: Part, ids: readonly string[]) => {
    for (const to of part.links)
      for await (const answer of portal.associations(part.type, to, ids))
        await pages.add(linkKind(part.kind, to), answer.bytes, '$.results[*]');
  };
  return {
    async add(part: Part, { bodies, ids }: Found): Promise<void> {
      for (const body of bodies) await pages.add(part.kind, body, '$.results[*]');
      if (!part.links.length || !ids.length) return;
      const all = [...(waiting.get(part) ?? []), ...ids];
      for (; all.length >= ASSOCIATION_BATCH; ) await link(part, all.splice(0, ASSOCIATION_BATCH));
      waiting.set(part, all);
    },
    async finish(sides: SidePages): Promise<void> {
      for (const [part, ids] of waiting) if (ids.length) await link(part, ids);
      waiting.clear();
      for (const { side, body, pointer } of sides) await pages.add(side, body, pointer);
    },
  };
}

type SidePages = readonly { readonly side: Side; readonly body: Uint8Array; readonly pointer?: string }[];

async function sidePages({ portal, sides, parts }: ReadOptions): Promise<SidePages> {
  const kept: { side: Side; body: Uint8Array; pointer?: string }[] = [];
  if (sides.includes('owners'))
    for await (const { bytes } of portal.owners()) kept.push({ side: 'owners', body: bytes, pointer: '$.results[*]' });
  if (sides.includes('stages'))
    kept.push({
      side: 'stages',
      body: (await portal.pipelines(parts[0]!.type)).bytes,
      pointer: '$.results[*]',
    });
  if (sides.includes('portal')) {
    const answer = await portal.account();
    if (answer.status === 200) kept.push({ side: 'portal', body: answer.bytes });
  }
  return kept;
}
