// Records that a system does not show any more: members of a child set, keys that a sweep did not find. They get a tombstone.
import { SourceError } from '../core/errors.ts';
import { literal } from '../core/sql.ts';
import type { RecordMapping, Sweep } from './api.ts';
import type { IngestWarehouse } from './connector.ts';
import { currentVersions } from './raw-schema.ts';
import { rawTable } from './sql.ts';
import { count } from './stage.ts';
import { type Landing, recordExpressions } from './verdicts.ts';

/** A sweep that would delete more of a stream than this share is taken for a fault. */
const sweepShare = 0.2;

export type SweepPlace = { readonly source: string; readonly connector: string; readonly object: string };

/** SQL condition over current versions: children of the batch's parents that the batch does not hold. */
export function lostChildren(landing: Landing, { column, parents }: NonNullable<RecordMapping['replaces']>): string {
  const { key } = recordExpressions(landing);
  return `payload[${literal(column)}] IN (SELECT parent FROM (${parents}) AS parents(parent) WHERE parent IS NOT NULL)
    AND record_key NOT IN (SELECT key FROM (SELECT ${key} AS key FROM numbered) WHERE key IS NOT NULL)`;
}

/** Appends a tombstone with the last payload for every current record for which `lost` holds; gives their number. */
export async function appendTombstones(
  warehouse: IngestWarehouse,
  { connector, stream, source }: Landing,
  { load_id, first_sequence, lost }: { load_id: string; first_sequence: number; lost: string },
): Promise<number> {
  const table = rawTable(connector, stream);
  // First the rows, by the columns that the condition needs; then their payloads.
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE lost_row AS
     SELECT rowid AS row FROM ${table}
     WHERE source = ${literal(source)} AND NOT is_deleted AND sequence < ${first_sequence}
       AND sequence NOT IN (SELECT sequence FROM raw.superseded) AND (${lost})`,
  );
  const lostCount = await count(warehouse, 'lost_row');
  if (lostCount > 0)
    await warehouse.run(
      `INSERT INTO ${table} (source, source_time, load_id, sequence, record, is_deleted, payload)
       SELECT source, source_time, ${literal(load_id)},
         (SELECT greatest(coalesce(max(sequence), 0), ${first_sequence}) FROM ${table}) + row_number() OVER (ORDER BY record_key), NULL, true, payload
       FROM ${table} WHERE rowid IN (SELECT row FROM lost_row)`,
    );
  return lostCount;
}

// ---- sweeps ----

/** Notes what was known when a sweep began. Another sweep of the object that was never finished is forgotten. */
export async function beginSweep(
  warehouse: IngestWarehouse,
  place: SweepPlace,
  { id, first_sequence }: { id: string; first_sequence: number },
): Promise<void> {
  const where = placeCondition(place);
  await warehouse.run(`DELETE FROM raw.sweep WHERE ${where} AND sweep_id <> ${literal(id)}`);
  await warehouse.run(`DELETE FROM raw.sweep_key WHERE ${where} AND sweep_id <> ${literal(id)}`);
  await warehouse.run(
    `INSERT INTO raw.sweep SELECT ${sweepNames(place, id)}, ${first_sequence}
     WHERE NOT EXISTS (FROM raw.sweep WHERE ${where} AND sweep_id = ${literal(id)})`,
  );
}

/** Notes the keys that this batch of a sweep holds. */
export async function noteSwept(
  warehouse: IngestWarehouse,
  place: SweepPlace,
  landing: Landing,
  { id }: Pick<Sweep, 'id'>,
): Promise<void> {
  const { key } = recordExpressions(landing);
  await warehouse.run(
    `INSERT INTO raw.sweep_key SELECT DISTINCT ${sweepNames(place, id)}, ${literal(landing.stream)}, key
     FROM (SELECT ${key} AS key FROM numbered) WHERE key IS NOT NULL`,
  );
}

function sweepNames({ source, connector, object }: SweepPlace, id: string): string {
  return [source, connector, object, id].map(literal).join(', ');
}

/**
 * SQL condition over current versions: known before the sweep began and not found by it. Throws SourceError when that is more
 * than 20 % of the stream.
 */
export async function lostInSweep(
  warehouse: IngestWarehouse,
  { stream, ...place }: SweepPlace & Pick<Landing, 'stream'>,
  { id }: Pick<Sweep, 'id'>,
): Promise<string> {
  const { connector, source } = place;
  const sweep = `${placeCondition(place)} AND sweep_id = ${literal(id)}`;
  const lost = `sequence < (SELECT min(first_sequence) FROM raw.sweep WHERE ${sweep})
    AND record_key NOT IN (SELECT record_key FROM raw.sweep_key WHERE ${sweep} AND stream = ${literal(stream)})`;
  const current = `${currentVersions(connector, stream, source)} AS current WHERE NOT is_deleted`;
  const known = await count(warehouse, current);
  const missing = await count(warehouse, `${current} AND (${lost})`);
  if (missing > known * sweepShare)
    throw new SourceError(
      `${place.source}: ${missing} of ${known} records of ${stream} are gone from ${place.object}; that many are not deleted at once`,
      {
        hint: `nothing was deleted; find out why the system shows so few (rights of the key, a filter). If they are gone for good: \`run --resync ${place.source}\``,
      },
    );
  return lost;
}

export async function forgetSweep(warehouse: IngestWarehouse, place: SweepPlace): Promise<void> {
  await warehouse.run(`DELETE FROM raw.sweep WHERE ${placeCondition(place)}`);
  await warehouse.run(`DELETE FROM raw.sweep_key WHERE ${placeCondition(place)}`);
}

function placeCondition({ source, connector, object }: SweepPlace): string {
  return `source = ${literal(source)} AND connector = ${literal(connector)} AND object = ${literal(object)}`;
}
