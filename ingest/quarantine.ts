// What happens to records that were refused: listed, replayed under the rules of today, or waived by a person.
import { literal } from '../core/sql.ts';
import { type StreamName, streamNames } from '../core/streams.ts';
import { judgeArrivals } from './arrivals.ts';
import type { Extract, IngestWarehouse } from './connector.ts';
import { commitStaged, hasVersions } from './land.ts';
import type { Load } from './load-log.ts';
import { ensureSharedTables } from './raw-schema.ts';
import { columnNames } from './sql.ts';
import { stage } from './stage.ts';
import { collectRefused, judge } from './verdicts.ts';

export type QuarantineState = 'open' | 'waived' | 'replayed' | 'superseded';

/** One refused record. `record` is its number in the file that last held it; `payload` the canonical columns as JSON, or the row. */
export type QuarantinedRecord = {
  readonly quarantine_id: string;
  readonly source: string;
  readonly connector: string;
  readonly stream: StreamName;
  /** The file that last held it, from the directory of the workspace. */
  readonly file: string | null;
  readonly record: number | null;
  readonly record_id: string | null;
  readonly reason: string;
  readonly field: string | null;
  readonly detail: string | null;
  readonly payload: string;
  readonly quarantined_at: string;
  readonly state: QuarantineState;
  readonly decided_by: string | null;
  readonly decided_because: string | null;
};

/** Refused records in the order of stream and record; by default the open ones. */
export async function listQuarantine(
  warehouse: IngestWarehouse,
  { states = ['open'], stream }: { states?: readonly QuarantineState[]; stream?: StreamName } = {},
): Promise<QuarantinedRecord[]> {
  await ensureSharedTables(warehouse);
  const wanted = [
    `state IN (${states.map(literal).join(', ')})`,
    ...(stream ? [`refused.stream = ${literal(stream)}`] : []),
  ];
  return warehouse.rows<QuarantinedRecord>(
    `SELECT quarantine_id, refused.source, refused.connector, refused.stream, load.file, record::DOUBLE AS record, record_id,
       reason, field, detail, payload, quarantined_at, state, decided_by, decided_because
     FROM raw.quarantine AS refused LEFT JOIN raw.load AS load USING (load_id)
     WHERE ${wanted.join(' AND ')} ORDER BY refused.stream, record, quarantine_id`,
  );
}

/**
 * Says why a refused record may stay out. Gives whether there was such an open record. The decision itself is recorded in
 * the books by the caller.
 */
export async function waive(
  warehouse: IngestWarehouse,
  { quarantine_id, reason, person, at }: { quarantine_id: string; reason: string; person: string; at: string },
): Promise<boolean> {
  await ensureSharedTables(warehouse);
  const waived = await warehouse.rows(
    `UPDATE raw.quarantine SET state = 'waived', decided_by = ?, decided_because = ?, decided_at = ?::TIMESTAMPTZ
     WHERE quarantine_id = ? AND state = 'open' RETURNING quarantine_id`,
    [person, reason, at, quarantine_id],
  );
  return waived.length > 0;
}

/** Reasons of rows that never became a record: their payload is the row as text. */
const unreadableReasons = ['not_utf8', 'ragged_row', 'bad_quotes', 'row_too_long', 'bad_json'];

/**
 * Checks open refused records again, as if they arrived now: those that hold under today's rules are appended and marked
 * `replayed`, the others stay. Rows that could not be read as a record need a corrected file instead.
 */
export async function replay(
  warehouse: IngestWarehouse,
  { clock, quarantine_ids }: { clock: () => string; quarantine_ids?: readonly string[] },
): Promise<Load[]> {
  await ensureSharedTables(warehouse);
  const chosen = quarantine_ids ? ` AND quarantine_id IN (${quarantine_ids.map(literal).join(', ') || 'NULL'})` : '';
  const open = `state = 'open' AND reason NOT IN (${unreadableReasons.map(literal).join(', ')})${chosen}`;
  const groups = await warehouse.rows<{ source: string; connector: string; stream: StreamName }>(
    `SELECT DISTINCT source, connector, stream FROM raw.quarantine WHERE ${open} ORDER BY ALL`,
  );
  const loads: Load[] = [];
  for (const group of groups.filter(({ stream }) => streamNames.includes(stream)))
    loads.push(await replayStream(warehouse, group, open, clock));
  return loads;
}

async function replayStream(
  warehouse: IngestWarehouse,
  { source, connector, stream }: { source: string; connector: string; stream: StreamName },
  open: string,
  clock: () => string,
): Promise<Load> {
  const started_at = clock();
  const extract = replayExtract({ source, stream, open });
  const staged = await stage(warehouse, extract);
  const has_history = await hasVersions(warehouse, connector, stream, source);
  const landing = { source, connector, stream, staged, has_history };
  await (connector === 'files' ? judge : judgeArrivals)(warehouse, landing);
  return commitStaged(
    warehouse,
    await collectRefused(warehouse, landing),
    { source, connector, stream, file: extract.origin, file_digest: null, started_at, mapping: '{}' },
    { clock, is_replay: true },
  );
}

/** The payloads in quarantine as an extract: mapped already, so each canonical column is read under its own name. */
function replayExtract({ source, stream, open }: { source: string; stream: StreamName; open: string }): Extract {
  const names = [...columnNames(stream), 'other', 'updated_at', 'is_deleted'];
  const shape = JSON.stringify(Object.fromEntries(names.map((name) => [name, 'VARCHAR'])));
  const wanted = `source = ${literal(source)} AND stream = ${literal(stream)} AND ${open}`;
  return {
    stream,
    origin: 'quarantine',
    digest: '',
    mapping: {},
    relation: `(SELECT json_transform(payload, ${literal(shape)}) AS field FROM raw.quarantine WHERE ${wanted} ORDER BY record)`,
    columns: Object.fromEntries(columnNames(stream).map((name) => [name, `field[${literal(name)}]`])),
    other: `field['other']`,
    source_time: `field['updated_at']`,
    is_deleted: `field['is_deleted']`,
    can_hold_nul: true,
    first_record: 1,
  };
}
