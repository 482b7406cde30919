// Where each object of a source goes on: `raw.cursor`, written in the transaction that lands what the cursor has passed.
import { createHash } from 'node:crypto';
import type { State, VendorObject } from './api.ts';
import type { IngestWarehouse } from './connector.ts';
import { mappedRecords } from './stage-records.ts';

export type CursorPlace = {
  readonly source: string;
  readonly connector: string;
  readonly object: string;
  /** Raised by every reading anew. */
  readonly generation: number;
};

/** What a cursor is good for: the same query, cut into the same records. */
export function queryDigest({ object, query, records }: VendorObject): string {
  const mappings = records.map((mapping) => [mapping.stream, mappedRecords(object, mapping), mapping.replaces ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([query, mappings]))
    .digest('hex')
    .slice(0, 16);
}

/** The saved state, or null where there is none that can be used: nothing read yet, or read by another query. */
export async function readCursor(
  warehouse: IngestWarehouse,
  { source, connector, object, generation }: CursorPlace,
  digest: string,
): Promise<State | null> {
  const [row] = await warehouse.rows<{ state: string; query_digest: string }>(
    `SELECT state::VARCHAR AS state, query_digest FROM raw.cursor
     WHERE source = ? AND connector = ? AND object = ? AND generation = ?`,
    [source, connector, object, generation],
  );
  return row && row.query_digest === digest ? (JSON.parse(row.state) as State) : null;
}

/** The caller has the transaction. */
export async function writeCursor(
  warehouse: IngestWarehouse,
  { source, connector, object, generation }: CursorPlace,
  { state, digest, at }: { state: State; digest: string; at: string },
): Promise<void> {
  await warehouse.run('DELETE FROM raw.cursor WHERE source = ? AND connector = ? AND object = ? AND generation = ?', [
    source,
    connector,
    object,
    generation,
  ]);
  await warehouse.run('INSERT INTO raw.cursor VALUES (?, ?, ?, ?, ?::JSON, ?, ?::TIMESTAMPTZ)', [
    source,
    connector,
    object,
    generation,
    JSON.stringify(state),
    digest,
    at,
  ]);
}

/** The generation that normal readings go on with: the highest that is complete; 1 before the first one. */
export async function currentGeneration(
  warehouse: IngestWarehouse,
  { source, connector }: Pick<CursorPlace, 'source' | 'connector'>,
): Promise<number> {
  const [row] = await warehouse.rows<{ generation: number | null }>(
    'SELECT max(generation)::INTEGER AS generation FROM raw.generation WHERE source = ? AND connector = ?',
    [source, connector],
  );
  return row?.generation ?? 1;
}
