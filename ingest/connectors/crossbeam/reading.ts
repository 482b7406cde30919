// How overlaps are read: everything once, then what changed since the bookmark that the last page left. A bookmark belongs to
// its query; another query, or another reading of who is who, reads everything anew.
import { createHash } from 'node:crypto';
import type { Batch, Reading } from '../../api.ts';
import type { IngestWarehouse } from '../../connector.ts';
import type { HttpClient } from '../../http.ts';
import { rawTable } from '../../sql.ts';
import { isUnderWay } from '../../sweep.ts';
import { frozenWindow, tokenGuard } from '../../window.ts';
import { cursorOf, type Directory, itemsOf, type Listed } from './directory.ts';

const DAY_MS = 86_400_000;

export type OverlapReading = {
  readonly source: string;
  readonly client: HttpClient;
  readonly warehouse: IngestWarehouse;
  readonly directory: Directory;
  /** Source and object, for messages. */
  readonly origin: string;
  readonly page_size: number;
  readonly full_read_days: number;
};

type Saved = {
  /** Where the next page or the next change begins. */
  readonly cursor: string;
  readonly directory: string;
  /** When everything was last read, epoch milliseconds. */
  readonly since: number;
  readonly sweep?: Sweep;
  /** The reading was cut short: what changed since it began is behind its end. */
  readonly is_open?: boolean;
};
/** A reading of everything under way; `floor` is the last sequence of the log before it. */
type Sweep = { readonly id: string; readonly floor: number };

/** A reading that goes on after a killed run is followed by one of what changed since it began. */
export async function* readOverlaps(overlaps: OverlapReading, reading: Reading): AsyncGenerator<Batch> {
  const isResumed = (reading.state as Saved | null)?.is_open === true;
  const state = yield* readOnce(overlaps, reading);
  if (isResumed) yield* readOnce(overlaps, { ...reading, state });
}

async function* readOnce(
  { source, client, warehouse, directory, origin, page_size, full_read_days }: OverlapReading,
  { state, now, pages }: Reading,
): AsyncGenerator<Batch, Batch['state']> {
  const print = fingerprintOf(directory);
  const saved = state as Saved | null;
  if (saved) frozenWindow({ since: saved.since, lookback_ms: 0, settle_ms: 0, now, origin });
  const isKnown = saved?.sweep ? await isUnderWay(warehouse, source, saved.sweep.id) : true;
  const isFresh = saved?.sweep !== undefined || (saved !== null && now - saved.since < full_read_days * DAY_MS);
  const goesOn = saved && saved.directory === print && isKnown && isFresh;
  let cursor = goesOn ? saved.cursor : undefined;
  let sweep = goesOn ? saved.sweep : await beginSweep(warehouse, now);
  const since = goesOn && !sweep ? saved.since : now;
  let isNew = tokenGuard(origin);
  await addDirectory(pages, directory, sweep);
  for (let has_more = true; has_more; ) {
    const answer = await client.get('/v1/overlaps/accounts', {
      query: { limit: page_size, cursor },
      accept: cursor ? [404, 410] : [],
    });
    if (answer.status >= 400) {
      // The bookmark is known no more: everything anew.
      cursor = undefined;
      sweep = await beginSweep(warehouse, now);
      isNew = tokenGuard(origin);
      await pages.add('sweep', JSON.stringify({ floor: sweep.floor }));
      continue;
    }
    const page = answer.json<Listed<unknown>>();
    itemsOf(page, origin);
    await pages.add('overlaps', answer.bytes, page.items ? '$.items[*]' : '$.data[*]');
    has_more = page.pagination?.has_more === true;
    cursor = cursorOf(page) ?? cursor;
    if (has_more) isNew(cursor ?? '');
    if (has_more && pages.is_full) {
      yield {
        state: { cursor, directory: print, since, is_open: true, ...(sweep && { sweep }) },
        ...(sweep && { sweep: { id: sweep.id, streams: ['account_overlaps'] as const, is_complete: false } }),
      };
      await addDirectory(pages, directory, sweep);
    }
  }
  const done = { cursor, directory: print, since };
  yield {
    state: done,
    ...(sweep && { sweep: { id: sweep.id, streams: ['account_overlaps'] as const, is_complete: true } }),
  };
  return done;
}

async function beginSweep(warehouse: IngestWarehouse, now: number): Promise<Sweep> {
  const [row] = await warehouse.rows<{ last: bigint | null }>(
    `SELECT max(sequence) AS last FROM ${rawTable('crossbeam', 'account_overlaps')}`,
  );
  return { id: `overlaps ${now}`, floor: Number(row?.last ?? 0) };
}

/** What the mapping needs to know beside the overlaps, in every batch. */
async function addDirectory(pages: Reading['pages'], directory: Directory, sweep: Sweep | undefined): Promise<void> {
  const lines = (entries: ReadonlyMap<string, string>, name: string) =>
    [...entries].map(([id, value]) => JSON.stringify({ id, [name]: value })).join('\n');
  if (directory.partners.size) await pages.add('partner', lines(directory.partners, 'partner_id'));
  if (directory.populations.size) await pages.add('population', lines(directory.populations, 'kind'));
  if (sweep) await pages.add('sweep', JSON.stringify({ floor: sweep.floor }));
}

/** Changes when another partner or population is known: overlaps that meant nothing before must be read then. */
function fingerprintOf({ partners, populations }: Directory): string {
  const text = JSON.stringify([[...partners].sort(), [...populations].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
