// The log of loads: what each reading of a stream brought, in numbers that must balance (`raw.load`).
import type { StreamName } from '../core/streams.ts';
import type { IngestWarehouse } from './connector.ts';
import { count } from './stage.ts';

/** One load of one stream, as `raw.load` keeps it. Instants are RFC 3339 in UTC. */
export type Load = {
  readonly load_id: string;
  readonly source: string;
  readonly connector: string;
  readonly stream: StreamName;
  readonly file: string;
  /** Null for a replay of quarantined records. */
  readonly file_digest: string | null;
  readonly started_at: string;
  readonly completed_at: string;
  readonly fetched: number;
  readonly accepted: number;
  readonly repeats: number;
  readonly quarantined: number;
  readonly first_sequence: number | null;
  readonly last_sequence: number | null;
  readonly mapping: string;
  /** The file is the one of the last load; nothing was read. */
  readonly is_unchanged: boolean;
};

/** The last load of a source's stream that read something; a replay of quarantined records is none. */
export async function lastLoad(
  warehouse: IngestWarehouse,
  source: string,
  stream: StreamName,
): Promise<{ file_digest: string; mapping: string; fetched: number; quarantined: number } | undefined> {
  const [last] = await warehouse.rows<{ file_digest: string; mapping: string; fetched: bigint; quarantined: bigint }>(
    `SELECT file_digest, mapping::VARCHAR AS mapping, fetched, quarantined FROM raw.load
     WHERE source = ? AND stream = ? AND file_digest IS NOT NULL ORDER BY load_id DESC LIMIT 1`,
    [source, stream],
  );
  return last && { ...last, fetched: Number(last.fetched), quarantined: Number(last.quarantined) };
}

/** Loads are numbered in order; the digest keeps the manifests of a rebuilt warehouse apart. */
export async function nextLoadId(warehouse: IngestWarehouse, digest: string | null): Promise<string> {
  const loads = await count(warehouse, 'raw.load');
  return `${String(loads + 1).padStart(8, '0')}-${digest?.slice(0, 8) ?? 'replay'}`;
}

export async function nextSequence(warehouse: IngestWarehouse): Promise<number> {
  const [row] = await warehouse.rows<{ last: bigint | null }>('SELECT max(last_sequence) AS last FROM raw.load');
  return Number(row?.last ?? 0) + 1;
}

/** The table's CHECK refuses a load that does not balance, and with it the whole transaction. */
export async function logLoad(warehouse: IngestWarehouse, load: Load): Promise<Load> {
  await warehouse.run(
    `INSERT INTO raw.load VALUES (?, ?, ?, ?, ?, ?, ?::TIMESTAMPTZ, ?::TIMESTAMPTZ, ?, ?, ?, ?, ?, ?, ?::JSON, ?)`,
    [
      load.load_id,
      load.source,
      load.connector,
      load.stream,
      load.file,
      load.file_digest,
      load.started_at,
      load.completed_at,
      load.fetched,
      load.accepted,
      load.repeats,
      load.quarantined,
      load.first_sequence,
      load.last_sequence,
      load.mapping,
      load.is_unchanged,
    ],
  );
  return load;
}
