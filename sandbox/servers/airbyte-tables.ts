// What an Airbyte sync leaves in a destination: final tables of a company's streams, by sync mode, with Airbyte's own columns.
// Where they are written is the destination's; files in a directory are here, databases are given by tests.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamName } from '../../core/streams.ts';
import type { Store, StoredRecord } from './company.ts';

export type SyncMode =
  | 'full_refresh_overwrite'
  | 'full_refresh_append'
  | 'incremental_append'
  | 'incremental_deduped_history';

/** A stream of the connection: canonical records under the vendor's own names. */
export type SyncedStream = {
  readonly name: string;
  readonly stream: StreamName;
  readonly sync_mode: SyncMode;
  /** Canonical column: the vendor's name for it. Others keep theirs. */
  readonly rename?: Readonly<Record<string, string>>;
};

export type AirbyteRow = {
  readonly _airbyte_raw_id: string;
  /** RFC 3339. */
  readonly _airbyte_extracted_at: string;
  readonly _airbyte_generation_id: number;
  readonly _airbyte_meta: { readonly sync_id: number; readonly changes: readonly object[] };
  readonly [field: string]: unknown;
};

export type FinalTable = {
  readonly name: string;
  readonly fields: readonly string[];
  readonly rows: readonly AirbyteRow[];
};

/** Puts the tables in place of what the destination holds of them. */
export type Destination = (tables: readonly FinalTable[]) => Promise<void>;

type TableState = { rows: AirbyteRow[]; generation: number; synced_until: number };

export type Tables = {
  /** What a sync that ends at `at` (epoch milliseconds) makes of the tables. `emptied` gives a field that Airbyte could not hold. */
  sync(options: { readonly sync_id: number; readonly at: number; readonly emptied?: string | undefined }): FinalTable[];
  clear(): FinalTable[];
};

export function createTables(store: Store, streams: readonly SyncedStream[], prefix: string): Tables {
  const states = new Map<string, TableState>(
    streams.map(({ name }) => [name, { rows: [], generation: 0, synced_until: Number.NEGATIVE_INFINITY }]),
  );
  const tables = () =>
    streams.map((stream) => ({
      name: `${prefix}${stream.name}`,
      fields: fieldsOf(store, stream),
      rows: [...states.get(stream.name)!.rows],
    }));
  return {
    sync({ sync_id, at, emptied }) {
      for (const stream of streams) {
        const state = states.get(stream.name)!;
        const row = (record: StoredRecord, generation: number) =>
          airbyteRow(record, stream, { generation, sync_id, at, emptied });
        advance(state, store.records(stream.stream), { sync_mode: stream.sync_mode, row, at });
      }
      return tables();
    },
    clear() {
      for (const state of states.values()) Object.assign(state, { rows: [], synced_until: Number.NEGATIVE_INFINITY });
      return tables();
    },
  };
}

function advance(
  state: TableState,
  records: readonly StoredRecord[],
  {
    sync_mode,
    row,
    at,
  }: { sync_mode: SyncMode; row: (record: StoredRecord, generation: number) => AirbyteRow; at: number },
): void {
  const live = records.filter(({ deletedAt }) => deletedAt === undefined);
  const changed = records.filter(({ updatedAt }) => updatedAt >= state.synced_until);
  const isFirst = state.synced_until === Number.NEGATIVE_INFINITY;
  state.synced_until = at;
  if (sync_mode.startsWith('full_refresh')) {
    state.generation++;
    const whole = live.map((record) => row(record, state.generation));
    state.rows = sync_mode === 'full_refresh_append' ? [...state.rows, ...whole] : whole;
    return;
  }
  const news = (isFirst ? live : changed).map((record) => row(record, state.generation));
  if (sync_mode === 'incremental_append') {
    state.rows = [...state.rows, ...news];
    return;
  }
  const replaced = new Set(news.map(({ _airbyte_raw_id }) => keyOfId(_airbyte_raw_id)));
  const kept = state.rows.filter(({ _airbyte_raw_id }) => !replaced.has(keyOfId(_airbyte_raw_id)));
  state.rows = [...kept, ...news.filter((entry) => !entry._ab_cdc_deleted_at)];
}

/** A row's id starts with a digest of its key, so that its versions are known by it. */
function keyOfId(id: string): string {
  return id.slice(0, 18);
}

function airbyteRow(
  { key, row, deletedAt, updatedAt }: StoredRecord,
  { stream, rename = {} }: SyncedStream,
  {
    generation,
    sync_id,
    at,
    emptied,
  }: { generation: number; sync_id: number; at: number; emptied?: string | undefined },
): AirbyteRow {
  const own = Object.fromEntries(Object.entries(row).map(([name, value]) => [rename[name] ?? name, value]));
  const change =
    emptied && emptied in own
      ? { field: emptied, change: 'NULLED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' }
      : undefined;
  return {
    _airbyte_raw_id: uuidOf(`${stream} ${key}`, `${updatedAt} ${sync_id}`),
    _airbyte_extracted_at: new Date(at).toISOString(),
    _airbyte_generation_id: generation,
    _airbyte_meta: { sync_id, changes: change ? [change] : [] },
    ...own,
    ...(change && { [change.field]: null }),
    _ab_cdc_deleted_at: deletedAt === undefined ? null : new Date(deletedAt).toISOString(),
  };
}

function uuidOf(first: string, second: string): string {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const text = digest(first).slice(0, 16) + digest(second).slice(0, 16);
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function fieldsOf(store: Store, { stream, rename = {} }: SyncedStream): string[] {
  const names = new Set(store.records(stream).flatMap(({ row }) => Object.keys(row)));
  return [...[...names].map((name) => rename[name] ?? name), '_ab_cdc_deleted_at'];
}

/** Airbyte's file destinations: a folder for each stream with one file. JSON lines with objects, or CSV with everything as text. */
export function directoryDestination(directory: string, format: 'jsonl' | 'csv'): Destination {
  return async (tables) => {
    for (const table of tables) {
      const folder = join(directory, table.name.replaceAll(/\W/g, '_'));
      mkdirSync(folder, { recursive: true });
      const path = join(folder, `2026_01_01_0.${format}`);
      writeFileSync(`${path}.part`, format === 'csv' ? csv(table) : jsonLines(table));
      renameSync(`${path}.part`, path);
    }
  };
}

const airbyteColumns = ['_airbyte_raw_id', '_airbyte_extracted_at', '_airbyte_generation_id', '_airbyte_meta'] as const;

function jsonLines({ rows }: FinalTable): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function csv({ fields, rows }: FinalTable): string {
  const names = [...airbyteColumns, ...fields];
  const lines = [names, ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  return lines.map((line) => `${line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join('');
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
