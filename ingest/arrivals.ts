// Which records of an API are new versions. What an API says later is what holds now: copies are versions in the order of
// their arrival, never conflicts (verdicts.ts has the rule of files, where two bodies of one key contradict each other).
import { literal } from '../core/sql.ts';
import type { IngestWarehouse } from './connector.ts';
import { rawTable } from './sql.ts';
import { count } from './stage.ts';
import { type Landing, recordExpressions } from './verdicts.ts';

/**
 * Fills `verdict` with the records that add nothing: those that say what the version before them says, in the batch or, for the
 * first of a key, in the log. A record that the source dates before the current version is history; known history adds nothing.
 * Gives whether any key has more than one version now.
 */
export async function judgeArrivals(warehouse: IngestWarehouse, landing: Landing): Promise<boolean> {
  const { key, payload, source_time, is_deleted } = recordExpressions(landing);
  await warehouse.run('CREATE OR REPLACE TEMP TABLE verdict (record BIGINT, verdict VARCHAR)');
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE arrival AS
     WITH body AS (
       SELECT record, ${key} AS key, ${source_time} AS source_time, hash(${payload}, ${is_deleted}) AS body
       FROM numbered WHERE refusal IS NULL)
     SELECT *, lag(body) OVER (PARTITION BY key ORDER BY record) AS previous FROM body`,
  );
  await warehouse.run(`INSERT INTO verdict SELECT record, 'repeat' FROM arrival WHERE body = previous`);
  if (!landing.has_history) return hasCopies(warehouse);
  const table = rawTable(landing.connector, landing.stream);
  // First the rows, by their keys alone; then their bodies: the log's payloads are read for the keys of the batch only.
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE known_row AS
     SELECT rowid AS row FROM ${table} WHERE source = ${literal(landing.source)} AND record_key IN (SELECT key FROM arrival)`,
  );
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE known AS
     SELECT record_key AS key, source_time, hash(payload, is_deleted) AS body,
       sequence NOT IN (SELECT sequence FROM raw.superseded) AS is_current
     FROM ${table} WHERE rowid IN (SELECT row FROM known_row)`,
  );
  await warehouse.run(
    `INSERT INTO verdict SELECT arrival.record, 'repeat' FROM arrival JOIN known USING (key)
     WHERE is_current AND previous IS NULL AND arrival.body = known.body`,
  );
  if (landing.staged.is_timed) await judgeOldTimes(warehouse);
  return (await count(warehouse, 'known')) > 0 || (await hasCopies(warehouse));
}

async function judgeOldTimes(warehouse: IngestWarehouse): Promise<void> {
  await warehouse.run(
    `INSERT INTO verdict SELECT DISTINCT arrival.record, 'repeat' FROM arrival
     JOIN known AS current ON current.key = arrival.key AND current.is_current AND arrival.source_time < current.source_time
     JOIN known ON known.key = arrival.key AND known.source_time = arrival.source_time AND known.body = arrival.body
     WHERE arrival.record NOT IN (SELECT record FROM verdict)`,
  );
}

async function hasCopies(warehouse: IngestWarehouse): Promise<boolean> {
  return (await count(warehouse, 'arrival WHERE previous IS NOT NULL')) > 0;
}
