// Lands one extract: what is new is appended, what is refused goes to quarantine, and the load is logged, in one transaction
// whose counts must balance: fetched = accepted + identical repeats + quarantined.
import { identifier, literal } from '../core/sql.ts';
import type { StreamName } from '../core/streams.ts';
import type { Extract, IngestWarehouse } from './connector.ts';
import { type Load, lastLoad, logLoad, nextLoadId, nextSequence } from './load-log.ts';
import { currentVersions } from './raw-schema.ts';
import { rawTable, recordKey } from './sql.ts';
import { count, stage } from './stage.ts';
import { appendTombstones } from './tombstones.ts';
import { collectRefused, hasConflicts, type Judged, judge, type Landing, recordExpressions } from './verdicts.ts';

export type LandOptions = {
  readonly source: string;
  readonly connector: string;
  /** The time of loading, RFC 3339. */
  readonly clock: () => string;
};

/** What else makes a load repeatable: raised when a rule of the edge changes, so that files are read again under it. */
const rulesVersion = 1;

/** Lands an extract; an extract equal to the last one of its source and stream is only logged. */
export async function land(
  warehouse: IngestWarehouse,
  extract: Extract,
  { source, connector, clock }: LandOptions,
): Promise<Load> {
  const started_at = clock();
  const { stream, origin, digest } = extract;
  const mapping = JSON.stringify({ ...extract.mapping, rules: rulesVersion });
  const base = { source, connector, stream, file: origin, file_digest: digest, started_at, mapping };
  const last = await lastLoad(warehouse, source, stream);
  if (last && last.file_digest === digest && last.mapping === mapping)
    return warehouse.transaction(async () =>
      logLoad(warehouse, {
        ...base,
        load_id: await nextLoadId(warehouse, digest),
        completed_at: clock(),
        fetched: last.fetched,
        accepted: 0,
        repeats: last.fetched - last.quarantined,
        quarantined: last.quarantined,
        first_sequence: null,
        last_sequence: null,
        is_unchanged: true,
      }),
    );
  const staged = await stage(warehouse, extract);
  const has_history = await hasVersions(warehouse, connector, stream, source);
  const landing = { source, connector, stream, staged, has_history };
  await judge(warehouse, landing);
  return commitStaged(warehouse, await collectRefused(warehouse, landing), base, { clock });
}

export type LoadBase = Pick<
  Load,
  'source' | 'connector' | 'stream' | 'file' | 'file_digest' | 'started_at' | 'mapping'
>;

export type AppendOptions = {
  readonly clock: () => string;
  readonly is_replay?: boolean;
  /** SQL condition over current versions: those that this load shows to be gone, and that get a tombstone. */
  readonly lost?: string | undefined;
};

/** Appends what `judge` and `collectRefused` found, in one transaction. */
export async function commitStaged(
  warehouse: IngestWarehouse,
  landing: Judged,
  base: LoadBase,
  options: AppendOptions,
): Promise<Load> {
  return warehouse.transaction(() => appendStaged(warehouse, landing, base, options));
}

/** The same, in a transaction of the caller. */
export async function appendStaged(
  warehouse: IngestWarehouse,
  landing: Judged,
  base: LoadBase,
  { clock, is_replay = false, lost }: AppendOptions,
): Promise<Load> {
  const load_id = await nextLoadId(warehouse, base.file_digest);
  const first_sequence = await nextSequence(warehouse);
  await appendVersions(warehouse, landing, { load_id, first_sequence, is_replay });
  const accepted = await count(warehouse, loaded(landing, first_sequence));
  const quarantined = landing.has_refused ? await count(warehouse, 'refused WHERE copy = 1') : 0;
  const refusedCopies = landing.has_refused ? await count(warehouse, 'refused WHERE copy > 1') : 0;
  const repeats = refusedCopies + (await count(warehouse, `verdict WHERE verdict = 'repeat'`));
  const completed_at = clock();
  await appendQuarantine(warehouse, landing, { load_id, completed_at, is_replay });
  if (landing.has_history && (await hasConflicts(warehouse)))
    await retractConflicts(warehouse, landing, load_id, first_sequence);
  const gone = lost ? await appendTombstones(warehouse, landing, { load_id, first_sequence, lost }) : 0;
  if (landing.has_history || landing.staged.is_timed || gone)
    await supersede(warehouse, landing, load_id, first_sequence);
  return logLoad(warehouse, {
    ...base,
    load_id,
    completed_at,
    fetched: landing.staged.fetched + gone,
    accepted: accepted + gone,
    repeats,
    quarantined,
    first_sequence,
    last_sequence: await lastSequence(warehouse, landing, first_sequence),
    is_unchanged: false,
  });
}

/** A version's sequence is its record's number above those of all earlier loads; gaps mean nothing. */
async function appendVersions(
  warehouse: IngestWarehouse,
  landing: Landing,
  { load_id, first_sequence, is_replay }: { load_id: string; first_sequence: number; is_replay: boolean },
): Promise<void> {
  const { payload, source_time, is_deleted } = recordExpressions(landing);
  const record = is_replay ? 'NULL' : 'record'; // a replayed record has no number in any one file
  const skipped = (await count(warehouse, 'verdict')) > 0 ? 'ANTI JOIN verdict USING (record)' : '';
  await warehouse.run(
    `INSERT INTO ${rawTable(landing.connector, landing.stream)} (source, source_time, load_id, sequence, record, is_deleted, payload)
     SELECT ${literal(landing.source)}, ${source_time}, ${literal(load_id)}, ${first_sequence} + record, ${record}, ${is_deleted}, ${payload}
     FROM numbered ${skipped} WHERE refusal IS NULL`,
  );
}

function loaded(landing: Landing, first_sequence: number): string {
  return `${rawTable(landing.connector, landing.stream)} WHERE sequence >= ${first_sequence}`;
}

async function lastSequence(
  warehouse: IngestWarehouse,
  landing: Landing,
  first_sequence: number,
): Promise<number | null> {
  const [row] = await warehouse.rows<{ last: bigint | null }>(
    `SELECT max(sequence) AS last FROM ${loaded(landing, first_sequence)}`,
  );
  return row?.last == null ? null : Number(row.last);
}

/**
 * A refused record that is in quarantine already is only brought up to date; a waived one stays waived. A record refused
 * earlier is superseded when a good version of its key arrives (or is there again); replayed, when it is that version.
 */
async function appendQuarantine(
  warehouse: IngestWarehouse,
  { source, connector, stream, staged, has_refused }: Judged,
  { load_id, completed_at, is_replay }: { load_id: string; completed_at: string; is_replay: boolean },
): Promise<void> {
  if (has_refused && !is_replay)
    await warehouse.run(
      `UPDATE raw.quarantine SET load_id = ${literal(load_id)}, record = refused.record,
         state = CASE WHEN state = 'waived' THEN state ELSE 'open' END
       FROM refused WHERE refused.copy = 1 AND refused.quarantine_id = quarantine.quarantine_id`,
    );
  if (has_refused)
    await warehouse.run(
      `INSERT INTO raw.quarantine
       SELECT quarantine_id, ${literal(load_id)}, ${literal(source)}, ${literal(connector)}, ${literal(stream)}, record, record_id, record_key,
         reason, field, detail, payload, ${literal(completed_at)}::TIMESTAMPTZ, 'open', NULL, NULL, NULL
       FROM refused WHERE copy = 1 AND quarantine_id NOT IN (SELECT quarantine_id FROM raw.quarantine)`,
    );
  const earlier = `source = ${literal(source)} AND stream = ${literal(stream)} AND state = 'open'
    ${has_refused ? 'AND quarantine_id NOT IN (SELECT quarantine_id FROM refused)' : ''}`;
  if ((await count(warehouse, `raw.quarantine WHERE ${earlier}`)) === 0) return;
  const key = recordKey(stream, (name) => (staged.present.has(name) ? identifier(name) : 'NULL::VARCHAR'));
  // A repeat of a copy that is itself refused is no good version.
  await warehouse.run(
    `UPDATE raw.quarantine SET state = ${is_replay ? "'replayed'" : "'superseded'"} WHERE ${earlier} AND record_key IN (
       WITH arrived AS (SELECT ${key} AS key, list(verdict) AS verdicts FROM numbered LEFT JOIN verdict USING (record)
         WHERE refusal IS NULL GROUP BY key, record),
       contradicted AS (SELECT key FROM arrived WHERE list_contains(verdicts, 'conflict'))
       SELECT key FROM arrived WHERE NOT list_contains(verdicts, 'conflict')
         AND NOT (list_contains(verdicts, 'repeat') AND key IN (SELECT key FROM contradicted)))`,
  );
}

/**
 * Where a conflicting copy is what the log holds as current, the log must not keep it: all copies are refused (fine-print 4).
 * So the outcome does not depend on whether the copies arrived in one load or the second one later, in a grown file.
 */
async function retractConflicts(
  warehouse: IngestWarehouse,
  landing: Landing,
  load_id: string,
  first_sequence: number,
): Promise<void> {
  const { key, payload, source_time } = recordExpressions(landing);
  const current = currentVersions(landing.connector, landing.stream, landing.source);
  const table = rawTable(landing.connector, landing.stream);
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE conflicting AS
     SELECT ${key} AS record_key, ${payload} AS payload, ${source_time} AS source_time
     FROM numbered WHERE record IN (SELECT record FROM verdict WHERE verdict = 'conflict')`,
  );
  await warehouse.run(
    `INSERT INTO ${table} (source, source_time, load_id, sequence, record, is_deleted, payload)
     SELECT source, current.source_time, ${literal(load_id)},
       (SELECT greatest(max(sequence), ${first_sequence}) FROM ${table}) + row_number() OVER (ORDER BY current.record_key), NULL, true, current.payload
     FROM ${current} AS current
     SEMI JOIN conflicting ON conflicting.record_key = current.record_key AND conflicting.payload = current.payload
       AND conflicting.source_time IS NOT DISTINCT FROM current.source_time
     WHERE NOT is_deleted AND load_id <> ${literal(load_id)}`,
  );
}

/** Of the keys that this load touched, every version but the current one: by source time where both have one, else by arrival. */
async function supersede(
  warehouse: IngestWarehouse,
  landing: Landing,
  load_id: string,
  first_sequence: number,
): Promise<void> {
  const current = currentVersions(landing.connector, landing.stream, landing.source);
  await warehouse.run(
    `INSERT INTO raw.superseded
     WITH touched AS (SELECT DISTINCT record_key FROM ${loaded(landing, first_sequence)}),
     version AS (
       SELECT record_key, sequence, source_time,
         max(CASE WHEN source_time IS NULL THEN sequence ELSE -1 END) OVER (PARTITION BY record_key) AS last_untimed
       FROM ${current} SEMI JOIN touched USING (record_key))
     SELECT sequence, ${literal(load_id)} FROM version
     QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY sequence >= last_untimed DESC, source_time DESC NULLS LAST, sequence DESC) > 1`,
  );
}

export async function hasVersions(
  warehouse: IngestWarehouse,
  connector: string,
  stream: StreamName,
  source: string,
): Promise<boolean> {
  const rows = await warehouse.rows(`SELECT 1 FROM ${rawTable(connector, stream)} WHERE source = ? LIMIT 1`, [source]);
  return rows.length > 0;
}
