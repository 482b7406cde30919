// Which staged records are new versions, and which are not: temporary table `verdict` lists every record that must not be
// appended (`repeat` of another copy or of the current version, `conflict` with another body), `refused` all that go to quarantine.
import { identifier, literal } from '../core/sql.ts';
import type { StreamName } from '../core/streams.ts';
import type { IngestWarehouse } from './connector.ts';
import { currentVersions, payloadOf } from './raw-schema.ts';
import { columnNames, rawTable, recordKey } from './sql.ts';
import { count, type Staged } from './stage.ts';

export type Landing = {
  readonly source: string;
  readonly connector: string;
  readonly stream: StreamName;
  readonly staged: Staged;
  /** The raw table holds versions of this source already. */
  readonly has_history: boolean;
};

/** A landing after `collectRefused`. */
export type Judged = Landing & {
  /** Table `refused` was filled; without it nothing is refused. */
  readonly has_refused: boolean;
};

/** SQL of the record's key, payload, source time and tombstone mark over the columns of `numbered`. */
export function recordExpressions({ stream, staged }: Landing) {
  return {
    key: recordKey(stream, (name) => (staged.present.has(name) ? identifier(name) : 'NULL::VARCHAR')),
    payload: payloadOf(stream, columnNames(stream), staged.present),
    source_time: staged.is_timed ? 'updated_at::TIMESTAMPTZ' : 'NULL::TIMESTAMPTZ',
    is_deleted: staged.has_tombstones ? `coalesce(is_deleted_text = 'true', false)` : 'false',
  };
}

/** Fills `verdict`. Copies are compared by a 64-bit hash of the body within one key; no payload is sorted. */
export async function judge(warehouse: IngestWarehouse, landing: Landing): Promise<void> {
  await warehouse.run('CREATE OR REPLACE TEMP TABLE verdict (record BIGINT, verdict VARCHAR)');
  await judgeCopies(warehouse, landing);
  if (landing.has_history) await judgeHistory(warehouse, landing);
}

/** Copies of one key within the load (fine-print 4): identical ones repeat, others conflict unless the source dates them apart. */
async function judgeCopies(warehouse: IngestWarehouse, landing: Landing): Promise<void> {
  const { key, payload, source_time, is_deleted } = recordExpressions(landing);
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE repeated AS
     SELECT ${key} AS key FROM numbered WHERE refusal IS NULL GROUP BY ALL HAVING count(*) > 1`,
  );
  if ((await count(warehouse, 'repeated')) === 0) return;
  await warehouse.run(
    `INSERT INTO verdict
     WITH copy AS (
       SELECT record, ${key} AS key, ${source_time} AS source_time, hash(${payload}, ${is_deleted}) AS body
       FROM numbered WHERE refusal IS NULL AND ${key} IN (SELECT key FROM repeated)),
     counted AS (
       SELECT record, row_number() OVER (PARTITION BY key, source_time, body ORDER BY record) AS copy,
         min(body) OVER (PARTITION BY key, source_time) <> max(body) OVER (PARTITION BY key, source_time) AS is_conflict
       FROM copy)
     SELECT record, CASE WHEN copy > 1 THEN 'repeat' ELSE 'conflict' END FROM counted WHERE copy > 1 OR is_conflict`,
  );
}

/** Records that say what is known already. Two 64-bit hashes, of key and of body, are compared: a chance of 2^-128 each. */
async function judgeHistory(warehouse: IngestWarehouse, landing: Landing): Promise<void> {
  const { key, payload, source_time, is_deleted } = recordExpressions(landing);
  const current = currentVersions(landing.connector, landing.stream, landing.source);
  const unjudged = `refusal IS NULL AND record NOT IN (SELECT record FROM verdict)`;
  await warehouse.run(
    `INSERT INTO verdict SELECT record, 'repeat' FROM numbered
     SEMI JOIN ${current} AS current ON hash(${key}) = hash(current.record_key)
       AND hash(${payload}, ${is_deleted}) = hash(current.payload, current.is_deleted)
     WHERE ${unjudged}`,
  );
  if (!landing.staged.is_timed) return;
  const known = `(SELECT * FROM ${rawTable(landing.connector, landing.stream)}
    WHERE source = ${literal(landing.source)} AND source_time IS NOT NULL)`;
  const sameTime = `hash(${key}, ${source_time}) = hash(known.record_key, known.source_time)`;
  const sameBody = `hash(${payload}, ${is_deleted}) = hash(known.payload, known.is_deleted)`;
  await warehouse.run(
    `INSERT INTO verdict SELECT record, 'repeat' FROM numbered SEMI JOIN ${known} AS known ON ${sameTime} AND ${sameBody} WHERE ${unjudged}`,
  );
  await warehouse.run(
    `INSERT INTO verdict SELECT record, 'conflict' FROM numbered SEMI JOIN ${known} AS known ON ${sameTime} WHERE ${unjudged}`,
  );
}

const conflictingRecords = `SELECT record FROM verdict WHERE verdict = 'conflict'`;

export async function hasConflicts(warehouse: IngestWarehouse): Promise<boolean> {
  return (await count(warehouse, `(${conflictingRecords})`)) > 0;
}

/**
 * Fills `refused`, if any record is refused: one row per record that is refused, with the id its quarantine row has wherever and whenever the same
 * record is refused for the same reason. `copy` counts identical records of this load.
 */
export async function collectRefused<Known extends Landing>(
  warehouse: IngestWarehouse,
  landing: Known,
): Promise<Known & Judged> {
  const { source, stream, staged } = landing;
  const { key } = recordExpressions(landing);
  const id = columnNames(stream)[0]!;
  const payload = `json_object(${payloadFields(landing).join(', ')})::VARCHAR`;
  const conflicts = await hasConflicts(warehouse);
  if (!conflicts && staged.refused === 0) return { ...landing, has_refused: false };
  const field = `split_part(refusal, ':', 2)`;
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE refused AS
     WITH refusal AS (
       SELECT record, ${staged.present.has(id) ? identifier(id) : 'NULL::VARCHAR'} AS record_id, ${key} AS record_key,
         split_part(refusal, ':', 1) AS reason, nullif(${field}, '') AS field,
         left(json_extract_string(${payload}, '$.' || nullif(${field}, '')), 200) AS detail,
         ${staged.has_verbatim ? `coalesce(verbatim, ${payload})` : payload} AS payload
       FROM (
         SELECT * FROM numbered WHERE refusal IS NOT NULL
         UNION ALL
         SELECT * REPLACE ('conflicting_duplicate' AS refusal) FROM numbered WHERE ${conflicts ? `record IN (${conflictingRecords})` : 'false'})
       ${staged.unreadable ? `UNION ALL SELECT record, record_id, ${isSingleKey(stream) ? 'record_id' : 'NULL'}, reason, NULL, detail, payload FROM unreadable` : ''})
     SELECT 'Q-' || left(md5(concat_ws(chr(31), ${literal(source)}, ${literal(stream)}, reason, payload)), 20) AS quarantine_id,
       *, row_number() OVER (PARTITION BY reason, payload ORDER BY record) AS copy
     FROM refusal`,
  );
  return { ...landing, has_refused: true };
}

/** All canonical columns and what dates the version, absent or not, so that a replayed record gets the same id. */
function payloadFields({ stream, staged }: Landing): string[] {
  const canonical = [...columnNames(stream), 'other'].map(
    (name) => `${literal(name)}, ${staged.present.has(name) ? identifier(name) : 'NULL'}`,
  );
  return [
    ...canonical,
    `'updated_at', ${staged.is_timed ? 'updated_at' : 'NULL'}`,
    `'is_deleted', ${staged.has_tombstones ? 'is_deleted_text' : 'NULL'}`,
  ];
}

function isSingleKey(stream: StreamName): boolean {
  return recordKey(stream, (name) => name) === columnNames(stream)[0];
}
