// Schema `raw`: the append-only log of record versions, its loads, and what was refused at the edge (design.md decision 1).
import { identifier, literal } from '../core/sql.ts';
import type { StreamName } from '../core/streams.ts';
import type { IngestWarehouse } from './connector.ts';
import { payloadType, rawTable, recordKey } from './sql.ts';

const shared = [
  'CREATE SCHEMA IF NOT EXISTS raw',
  // One row per load of one stream of one source. An unchanged file is not read again: its row repeats the last counts.
  `CREATE TABLE IF NOT EXISTS raw.load (
     load_id VARCHAR PRIMARY KEY, source VARCHAR NOT NULL, connector VARCHAR NOT NULL, stream VARCHAR NOT NULL,
     file VARCHAR, file_digest VARCHAR, started_at TIMESTAMPTZ, completed_at TIMESTAMPTZ,
     fetched BIGINT NOT NULL, accepted BIGINT NOT NULL, repeats BIGINT NOT NULL, quarantined BIGINT NOT NULL,
     first_sequence BIGINT, last_sequence BIGINT, mapping JSON, is_unchanged BOOLEAN NOT NULL,
     CHECK (fetched = accepted + repeats + quarantined))`,
  // Versions that a later one replaced: the current versions are all others, found without looking at a payload.
  'CREATE TABLE IF NOT EXISTS raw.superseded (sequence BIGINT NOT NULL, load_id VARCHAR NOT NULL)',
  // Records refused at the edge. `state`: open, waived (a person said why), replayed (accepted by replay), superseded (a good
  // version of the same key arrived).
  `CREATE TABLE IF NOT EXISTS raw.quarantine (
     quarantine_id VARCHAR NOT NULL, load_id VARCHAR NOT NULL, source VARCHAR NOT NULL, connector VARCHAR NOT NULL,
     stream VARCHAR NOT NULL, record BIGINT, record_id VARCHAR, record_key VARCHAR, reason VARCHAR NOT NULL, field VARCHAR,
     detail VARCHAR, payload VARCHAR, quarantined_at TIMESTAMPTZ NOT NULL, state VARCHAR NOT NULL,
     decided_by VARCHAR, decided_at TIMESTAMPTZ, decided_because VARCHAR)`,
  // Where each object of an API goes on (cursor.ts), and which readings anew are complete (resync.ts).
  `CREATE TABLE IF NOT EXISTS raw.cursor (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, object VARCHAR NOT NULL, generation INTEGER NOT NULL,
     state JSON NOT NULL, query_digest VARCHAR NOT NULL, updated_at TIMESTAMPTZ NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS raw.generation (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, generation INTEGER NOT NULL, completed_at TIMESTAMPTZ NOT NULL)`,
  // Sweeps under way: what was known when they began, and the keys that they found (tombstones.ts).
  `CREATE TABLE IF NOT EXISTS raw.sweep (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, object VARCHAR NOT NULL, sweep_id VARCHAR NOT NULL, first_sequence BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS raw.sweep_key (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, object VARCHAR NOT NULL, sweep_id VARCHAR NOT NULL,
     stream VARCHAR NOT NULL, record_key VARCHAR NOT NULL)`,
  // The fields that an API's records have, and what changed in them since they were first read (drift.ts).
  `CREATE TABLE IF NOT EXISTS raw.field (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, object VARCHAR NOT NULL, field VARCHAR NOT NULL, type VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS raw.schema_drift (
     source VARCHAR NOT NULL, connector VARCHAR NOT NULL, object VARCHAR NOT NULL, field VARCHAR NOT NULL, change VARCHAR NOT NULL,
     type_before VARCHAR, type_after VARCHAR NOT NULL, noticed_at TIMESTAMPTZ NOT NULL)`,
  // What identifies a version's content wherever it was loaded: the payload as JSON, hashed. Computed when asked for, since
  // storing it cost more than everything else that landing does.
  'CREATE OR REPLACE MACRO raw.version_hash(payload) AS md5(to_json(payload)::VARCHAR)',
];

/** Creates what is missing of the shared tables. */
export async function ensureSharedTables(warehouse: IngestWarehouse): Promise<void> {
  for (const statement of shared) await warehouse.run(statement);
}

/** Creates what is missing: the shared tables, and a version table for every stream that the given connectors deliver. */
export async function ensureRawSchema(
  warehouse: IngestWarehouse,
  connectors: readonly { readonly name: string; readonly delivers: readonly StreamName[] }[],
): Promise<void> {
  await ensureSharedTables(warehouse);
  const tables = connectors.flatMap(({ name, delivers }) => delivers.map((stream) => ({ connector: name, stream })));
  for (const { connector, stream } of tables) await warehouse.run(versionTable(connector, stream));
  await warehouse.run(changedKeys(tables));
}

/** `record_key` is virtual: it is in the payload already. */
function versionTable(connector: string, stream: StreamName): string {
  const key = recordKey(stream, (name) => `struct_extract(payload, ${literal(name)})`);
  return `CREATE TABLE IF NOT EXISTS ${rawTable(connector, stream)} (
    source VARCHAR NOT NULL, record_key VARCHAR GENERATED ALWAYS AS (${key}) VIRTUAL, source_time TIMESTAMPTZ,
    load_id VARCHAR NOT NULL, sequence BIGINT NOT NULL, record BIGINT, is_deleted BOOLEAN NOT NULL,
    payload ${payloadType(stream)})`;
}

/** `FROM raw.changed_keys('<load_id>')`: stream, source and record key of every version that a load brought. */
function changedKeys(tables: readonly { connector: string; stream: StreamName }[]): string {
  const parts = tables.map(
    ({ connector, stream }) =>
      `SELECT ${literal(stream)} AS stream, source, record_key FROM ${rawTable(connector, stream)} WHERE load_id = wanted_load_id`,
  );
  return `CREATE OR REPLACE MACRO raw.changed_keys(wanted_load_id) AS TABLE ${parts.join(' UNION ALL ')}`;
}

/** Versions of a stream that no later one replaced. */
export function currentVersions(connector: string, stream: StreamName, source: string): string {
  return `(SELECT * FROM ${rawTable(connector, stream)} WHERE source = ${literal(source)}
    AND sequence NOT IN (SELECT sequence FROM raw.superseded))`;
}

/** SQL struct of a record version's payload; absent columns are NULL. */
export function payloadOf(stream: StreamName, columns: readonly string[], present: ReadonlySet<string>): string {
  const fields = [...columns, 'other'].map(
    (name) => `${identifier(name)} := ${present.has(name) ? identifier(name) : 'NULL::VARCHAR'}`,
  );
  return `struct_pack(${fields.join(', ')})::${payloadType(stream)}`;
}
