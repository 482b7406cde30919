// Reads the final tables of a connection after a sync: rows since the last reading where the stream is synced incrementally,
// everything where it is not; and every key, so that rows that are gone become tombstones.
import { SourceError } from '../../../core/errors.ts';
import { type StreamName, streamNames } from '../../../core/streams.ts';
import type { Batch, PageStore, RecordMapping } from '../../api.ts';
import type { AirbyteMapping, StreamMapping } from '../airbyte/mapping.ts';
import type { Job } from './client.ts';
import type { Destination, Table, TableMark } from './destination.ts';

/** One Airbyte stream with its table. */
export type SyncedTable = {
  /** Airbyte's name of the stream. */
  readonly stream: string;
  readonly table: Table;
  readonly sync_mode: string;
  /** The fields that name a record in the canonical streams made of it. */
  readonly key_fields: readonly string[];
};

export type SavedState = {
  /** The last job whose tables were read to the end. */
  readonly job_id: number;
  readonly tables: Readonly<Record<string, TableMark>>;
};

export type TablesReading = {
  readonly source: string;
  readonly destination: Destination;
  readonly tables: readonly SyncedTable[];
  readonly entries: readonly StreamMapping<AirbyteMapping>[];
  readonly job: Job;
  readonly saved: SavedState | null;
  readonly pages: PageStore;
  readonly now: number;
  /** Whether a job works on the tables, or has since `job`. */
  readonly moved: () => Promise<boolean>;
};

/** Lines of this kind hold keys alone. */
export function keysKind(stream: string): string {
  return `${stream} keys`;
}

/** A worker's clock may be behind another's by so much: rows of that time before the mark are read again. */
const lookback_ms = 60 * 60_000;

export async function* readTables(reading: TablesReading): AsyncGenerator<Batch> {
  const { source, destination, tables, entries, job, saved, pages, now, moved } = reading;
  if (saved?.job_id === job.jobId) return;
  const sweep = { id: `job ${job.jobId} at ${now}`, streams: sweptStreams(entries) };
  // Until the end is reached the next reading must begin where this one did.
  const unfinished = { job_id: saved?.job_id ?? 0, tables: saved?.tables ?? {} };
  const marks: Record<string, TableMark> = {};
  for (const table of tables) {
    const mark = await destination.mark(table.stream);
    assertNotLost(reading, table, mark);
    marks[table.stream] = mark;
    for (const { kind, read } of readsOf(table, mark, saved?.tables[table.stream]))
      for await (const lines of destination.read({ table: table.stream, ...read })) {
        await pages.add(kind, lines);
        if (pages.is_full) yield { state: unfinished, sweep: { ...sweep, is_complete: false } };
      }
  }
  if (await moved())
    throw new SourceError(`${source}: another job of Airbyte works on the tables that were being read`, {
      transient: true,
      hint: 'run it again; what was read is kept',
    });
  yield { state: { job_id: job.jobId, tables: marks }, sweep: { ...sweep, is_complete: true } };
}

type WantedRead = {
  readonly kind: string;
  readonly read: { readonly generation?: string; readonly since?: string; readonly fields?: readonly string[] };
};

/** An incremental stream is read on from its mark, unless its table was made anew (a new generation). */
function readsOf(
  { stream, table, sync_mode, key_fields }: SyncedTable,
  mark: TableMark,
  last?: TableMark,
): WantedRead[] {
  if (isWhole(sync_mode)) return [{ kind: stream, read: table.has_generations ? { generation: mark.generation } : {} }];
  if (!last?.extracted_at || last.generation !== mark.generation) return [{ kind: stream, read: {} }];
  const since = new Date(Date.parse(last.extracted_at) - lookback_ms).toISOString().replace('Z', '000Z');
  return [
    { kind: stream, read: { since } },
    { kind: keysKind(stream), read: { fields: key_fields } },
  ];
}

/** Every sync brings the whole stream, and only the last generation counts. */
export function isWhole(sync_mode: string): boolean {
  return sync_mode.startsWith('full_refresh');
}

/** Rows of one key are its versions, the oldest first. */
export function isHistory(sync_mode: string): boolean {
  return sync_mode.endsWith('append');
}

/** Each reading has every key of all streams. */
function sweptStreams(entries: readonly StreamMapping<AirbyteMapping>[]): StreamName[] {
  return streamNames.filter((name) => entries.some(({ stream }) => stream === name));
}

function assertNotLost(
  { source, entries, saved }: TablesReading,
  { stream, table }: SyncedTable,
  mark: TableMark,
): void {
  const had = saved?.tables[stream]?.rows ?? 0;
  const may_be_empty = entries.some(({ from, allow_empty }) => from === stream && allow_empty);
  if (mark.rows > 0 || had === 0 || may_be_empty) return;
  throw new SourceError(`${source}: ${table.origin.replace(`${source}: `, '')} had ${had} rows and now has none`, {
    hint: 'was the connection cleared? start a sync; if it is right, say `allow_empty: true` for that stream in sourced.yaml',
  });
}

/** The fields that lines of keys must have, over all canonical streams that the table feeds. */
export function keyFields(
  mappings: readonly { readonly mapping: RecordMapping; readonly fields: readonly string[] }[],
): string[] {
  return [...new Set(mappings.flatMap(({ fields }) => fields))];
}
