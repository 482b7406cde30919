// How an object of Salesforce is read: windows of SystemModstamp, in order of stamp and id, page after page; many records by a
// bulk job. Deleted and merged records are asked for too, as long as Salesforce keeps them.
import { SourceError } from '../../../core/errors.ts';
import type { Batch, Reading } from '../../api.ts';
import type { IngestWarehouse, World } from '../../connector.ts';
import { isUnderWay } from '../../sweep.ts';
import { frozenWindow, tokenGuard } from '../../window.ts';
import { awaitJob, readPart, startJob } from './bulk.ts';
import type { Connection } from './connection.ts';
import type { Mapped } from './mapped.ts';

/** An object to read: the fields to ask for, of those that there are, and their types. */
export type Part = {
  readonly mapped: Mapped;
  readonly fields: readonly string[];
  readonly types: ReadonlyMap<string, string>;
};

type Shared = {
  readonly connection: Connection;
  readonly world: World;
  readonly warehouse: IngestWarehouse;
  readonly source: string;
  readonly version: string;
  readonly start: number;
  readonly lookback_ms: number;
  readonly bulk_above: number;
};

/** The objects that make one stream, one after another in one window: what none of them holds any more is gone. */
export type StreamReading = Shared & {
  readonly parts: readonly Part[];
  /** False where one of them cannot be read now: nothing is taken for gone then. */
  readonly is_whole: boolean;
};
type PartReading = Shared & Part;

/** A stamp is given when the change begins and seen when it is committed. */
const settle_ms = 60_000;
/** Deleted records are kept for 15 days: after a longer pause only a reading of everything shows what is gone. */
const purge_ms = 14 * 86_400_000;

/** `everything` names the sweep where the window begins at the start. */
type Window = { readonly from: number; readonly to: number; readonly everything?: string };
type Progress = {
  readonly window: Window;
  /** Position in the list of objects. */
  readonly part?: number;
  /** The last record that is committed: the next one has a later stamp, or the same and a greater id. */
  readonly after?: Place;
  /** A bulk job under way. */
  readonly job?: { readonly id: string; readonly locator?: string };
};
type Place = { readonly stamp: string; readonly id: string };
type Page = {
  readonly totalSize?: number;
  readonly done?: boolean;
  readonly nextRecordsUrl?: string;
  readonly records?: readonly { readonly Id: string; readonly SystemModstamp: string }[];
};

export async function* readStream(reading: StreamReading, { state, now, pages }: Reading): AsyncGenerator<Batch> {
  let since = state?.since as number | undefined;
  const saved = await savedProgress(reading, state?.progress as Progress | undefined);
  if (saved) {
    yield* readWindow(reading, { progress: saved, since, pages });
    since = saved.window.to;
  }
  yield* readWindow(reading, { progress: { window: windowOf(reading, since, now) }, since, pages });
}

async function* readWindow(
  reading: StreamReading,
  { progress, since, pages }: { progress: Progress; since: number | undefined; pages: Reading['pages'] },
): AsyncGenerator<Batch> {
  const { window, part: first = 0 } = progress;
  const stream = reading.parts[0]!.mapped.stream;
  const sweep = (is_complete: boolean) =>
    window.everything ? { sweep: { id: window.everything, streams: [stream], is_complete } } : {};
  for (const [part, named] of reading.parts.entries()) {
    if (part < first) continue;
    const from = part === first ? progress : { window };
    for await (const next of pagesOf({ ...reading, ...named }, from, pages))
      if (pages.is_full)
        yield { state: { ...(since !== undefined && { since }), progress: { ...next, part } }, ...sweep(false) };
  }
  if (window.everything) await pages.add('everything', '{}');
  yield { state: { since: window.to }, ...sweep(true) };
}

/** A reading under way goes on, unless it was a sweep whose findings are not noted any more. */
async function savedProgress(
  { warehouse, source }: Shared,
  progress: Progress | undefined,
): Promise<Progress | undefined> {
  const sweep = progress?.window.everything;
  return !sweep || (await isUnderWay(warehouse, source, sweep)) ? progress : undefined;
}

function windowOf(
  { source, parts, is_whole, start, lookback_ms }: StreamReading,
  since: number | undefined,
  now: number,
): Window {
  const name = nameOf(parts.map(({ mapped }) => mapped));
  const origin = `${source}: ${name}`;
  const isPurged = since !== undefined && now - since > purge_ms;
  const window = frozenWindow({ since, start, lookback_ms, settle_ms, now, origin });
  if (since !== undefined && !isPurged) return window;
  return { from: start, to: window.to, ...(is_whole && { everything: `${name} ${now}` }) };
}

/** What the reading of a stream is called: its object, where it is of one. */
export function nameOf(parts: readonly Mapped[]): string {
  return parts.length === 1 ? parts[0]!.object : parts[0]!.stream;
}

/** Adds page after page; gives how far the reading is after each. */
async function* pagesOf(reading: PartReading, first: Progress, pages: Reading['pages']): AsyncGenerator<Progress> {
  let progress = first;
  if (progress.job) {
    const isKnown = await awaitJob(reading.connection, reading.world, progress.job.id, originOf(reading));
    if (isKnown) return yield* bulkParts(reading, progress, pages);
    progress = { window: progress.window };
  }
  const { connection, mapped, bulk_above } = reading;
  let isNew = tokenGuard(originOf(reading));
  let path = queryPath(reading, progress);
  for (;;) {
    const isFirst = path.startsWith('/queryAll');
    const answer = await connection.get(path, isFirst ? {} : { accept: [400, 404] });
    if (answer.status >= 400) {
      // The pages of a query are kept for a while only: go on after the last record by a new one.
      path = queryPath(reading, progress);
      isNew = tokenGuard(originOf(reading));
      continue;
    }
    const page = answer.json<Page>();
    const last = page.records?.at(-1);
    if (!Array.isArray(page.records) || typeof page.done !== 'boolean') throw notAPage(reading);
    if (isFirst && !progress.after && (page.totalSize ?? 0) > bulk_above) {
      const id = await startJob(connection, soqlOf(reading, progress, { ordered: false }));
      await awaitJob(connection, reading.world, id, originOf(reading));
      return yield* bulkParts(reading, { window: progress.window, job: { id } }, pages);
    }
    await pages.add(mapped.object, answer.bytes, '$.records[*]');
    if (last) progress = { window: progress.window, after: { stamp: last.SystemModstamp, id: last.Id } };
    yield progress;
    if (page.done) return;
    if (!page.nextRecordsUrl) throw notAPage(reading);
    isNew(page.nextRecordsUrl);
    path = page.nextRecordsUrl;
  }
}

async function* bulkParts(reading: PartReading, first: Progress, pages: Reading['pages']): AsyncGenerator<Progress> {
  const { connection, mapped, types, version } = reading;
  const job = first.job!.id;
  const isNew = tokenGuard(originOf(reading));
  let locator = first.job!.locator;
  do {
    const part = await readPart(connection, { job, locator, object: mapped.object, types, version });
    if (part.lines) await pages.add(mapped.object, part.lines);
    locator = part.locator;
    if (locator) isNew(locator);
    yield { window: first.window, job: { id: job, ...(locator && { locator }) } };
  } while (locator);
}

function queryPath(reading: PartReading, progress: Progress): string {
  return `/queryAll?q=${encodeURIComponent(soqlOf(reading, progress, { ordered: true }))}`;
}

function soqlOf(
  { mapped, fields }: PartReading,
  { window, after }: Progress,
  { ordered }: { ordered: boolean },
): string {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  const from = after
    ? `((SystemModstamp = ${soqlTime(after.stamp)} AND Id > '${after.id}') OR SystemModstamp > ${soqlTime(after.stamp)})`
    : `SystemModstamp >= ${time(window.from)}`;
  const order = ordered ? ' ORDER BY SystemModstamp, Id' : '';
  return `SELECT ${fields.join(', ')} FROM ${mapped.object} WHERE ${from} AND SystemModstamp < ${time(window.to)}${order}`;
}

function soqlTime(stamp: string): string {
  return stamp.replace(/\+0000$/, 'Z');
}

function originOf({ source, mapped }: PartReading): string {
  return `${source}: ${mapped.object}`;
}

function notAPage(reading: PartReading): SourceError {
  return new SourceError(`${originOf(reading)}: the answer is no page of a query`, {
    hint: 'run again; if it stays, check `base_url` of this source in sourced.yaml',
  });
}
