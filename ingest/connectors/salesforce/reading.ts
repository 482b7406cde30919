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

export type ObjectReading = {
  readonly connection: Connection;
  readonly world: World;
  readonly warehouse: IngestWarehouse;
  readonly source: string;
  readonly mapped: Mapped;
  /** Fields to ask for, of those that there are. */
  readonly fields: readonly string[];
  readonly types: ReadonlyMap<string, string>;
  readonly version: string;
  readonly start: number;
  readonly lookback_ms: number;
  readonly bulk_above: number;
};

/** A stamp is given when the change begins and seen when it is committed. */
const settle_ms = 60_000;
/** Deleted records are kept for 15 days: after a longer pause only a reading of everything shows what is gone. */
const purge_ms = 14 * 86_400_000;

/** `everything` names the sweep where the window begins at the start. */
type Window = { readonly from: number; readonly to: number; readonly everything?: string };
type Progress = {
  readonly window: Window;
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

export async function* readObject(reading: ObjectReading, { state, now, pages }: Reading): AsyncGenerator<Batch> {
  let since = state?.since as number | undefined;
  const saved = await savedProgress(reading, state?.progress as Progress | undefined);
  if (saved) {
    yield* readWindow(reading, { progress: saved, since, pages });
    since = saved.window.to;
  }
  yield* readWindow(reading, { progress: { window: windowOf(reading, since, now) }, since, pages });
}

async function* readWindow(
  reading: ObjectReading,
  { progress, since, pages }: { progress: Progress; since: number | undefined; pages: Reading['pages'] },
): AsyncGenerator<Batch> {
  const { window } = progress;
  const { stream } = reading.mapped;
  const sweep = (is_complete: boolean) =>
    window.everything ? { sweep: { id: window.everything, streams: [stream], is_complete } } : {};
  for await (const next of pagesOf(reading, progress, pages))
    if (pages.is_full) yield { state: { ...(since !== undefined && { since }), progress: next }, ...sweep(false) };
  if (window.everything) await pages.add('everything', '{}');
  yield { state: { since: window.to }, ...sweep(true) };
}

/** A reading under way goes on, unless it was a sweep whose findings are not noted any more. */
async function savedProgress(
  { warehouse, source }: ObjectReading,
  progress: Progress | undefined,
): Promise<Progress | undefined> {
  const sweep = progress?.window.everything;
  return !sweep || (await isUnderWay(warehouse, source, sweep)) ? progress : undefined;
}

function windowOf(
  { source, mapped, start, lookback_ms }: ObjectReading,
  since: number | undefined,
  now: number,
): Window {
  const origin = `${source}: ${mapped.object}`;
  const isPurged = since !== undefined && now - since > purge_ms;
  const window = frozenWindow({ since, start, lookback_ms, settle_ms, now, origin });
  if (since !== undefined && !isPurged) return window;
  return { from: start, to: window.to, everything: `${mapped.object} ${now}` };
}

/** Adds page after page; gives how far the reading is after each. */
async function* pagesOf(reading: ObjectReading, first: Progress, pages: Reading['pages']): AsyncGenerator<Progress> {
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

async function* bulkParts(reading: ObjectReading, first: Progress, pages: Reading['pages']): AsyncGenerator<Progress> {
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

function queryPath(reading: ObjectReading, progress: Progress): string {
  return `/queryAll?q=${encodeURIComponent(soqlOf(reading, progress, { ordered: true }))}`;
}

function soqlOf(
  { mapped, fields }: ObjectReading,
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

function originOf({ source, mapped }: ObjectReading): string {
  return `${source}: ${mapped.object}`;
}

function notAPage(reading: ObjectReading): SourceError {
  return new SourceError(`${originOf(reading)}: the answer is no page of a query`, {
    hint: 'run again; if it stays, check `base_url` of this source in sourced.yaml',
  });
}
