// Records of an API as the same temporary tables that files give (stage.ts): `staged` and `numbered`.
import { identifier, literal } from '../core/sql.ts';
import { type StreamName, streams } from '../core/streams.ts';
import type { RecordMapping } from './api.ts';
import type { IngestWarehouse } from './connector.ts';
import { refusal } from './rules.ts';
import { columnNames } from './sql.ts';
import { countStaged, type Staged } from './stage.ts';

/** What `mappedRecords` gives for no records at all. */
export const noRecords = `(SELECT NULL::VARCHAR AS other, NULL::VARCHAR AS updated_at, NULL::VARCHAR AS is_deleted_text,
  NULL::VARCHAR AS reader_refusal LIMIT 0)`;

/** The canonical columns, `other`, `updated_at`, `is_deleted_text` and `reader_refusal` of a mapping's records, in order. */
export function mappedRecords(object: string, mapping: RecordMapping): string {
  const relation = mapping.relation ?? `(SELECT * FROM fetched WHERE kind = ${literal(object)})`;
  const names = Object.keys(mapping.fields);
  const paths = Object.values(mapping.fields).map(literal);
  const fields = names.map((name, index) => `field_texts[${index + 1}] AS ${identifier(name)}`);
  // OFFSET 0 keeps `skip` above it: pushed below, it would read the JSON of every record again.
  const relationWithFields = names.length
    ? `(SELECT ${fields.join(', ')}, given.* EXCLUDE (field_texts)
       FROM (SELECT *, json_extract_string(record, [${paths.join(', ')}]) AS field_texts FROM ${relation} AS source_relation OFFSET 0) AS given)`
    : relation;
  const text = (expression: string) => `nullif((${expression})::VARCHAR, '')`;
  const present = presentColumns(mapping);
  const selected = [
    ...present.map((name) => `${text(mapping.columns[name]!)} AS ${identifier(name)}`),
    `${mapping.other ?? 'record'}::VARCHAR AS other`,
    `${mapping.source_time ? text(mapping.source_time) : 'NULL::VARCHAR'} AS updated_at`,
    `${mapping.is_deleted ? text(mapping.is_deleted) : 'NULL::VARCHAR'} AS is_deleted_text`,
    `${mapping.refusal ? text(mapping.refusal) : 'NULL::VARCHAR'} AS reader_refusal`,
  ];
  const wanted = mapping.skip ? `WHERE NOT coalesce(${mapping.skip}, false)` : '';
  return `(SELECT ${selected.join(', ')} FROM ${relationWithFields} AS mapped ${wanted})`;
}

/** Stages rows that `mappedRecords` gives, or that were kept from it. A tombstone must be good in its key alone. */
export async function stageRecords(
  warehouse: IngestWarehouse,
  {
    mapping,
    relation,
    can_hold_nul,
  }: { readonly mapping: RecordMapping; readonly relation: string; readonly can_hold_nul: boolean },
): Promise<Staged> {
  const { stream } = mapping;
  const present = new Set(presentColumns(mapping));
  const before = [
    'reader_refusal',
    ...[...present].filter((name) => isPlainText(stream, name)).map(notText),
    `CASE WHEN updated_at IS NOT NULL AND TRY_CAST(updated_at AS TIMESTAMPTZ) IS NULL THEN 'bad_time:updated_at' END`,
    `CASE WHEN is_deleted_text NOT IN ('true', 'false') THEN 'bad_boolean:is_deleted' END`,
  ];
  const checked = refusal(stream, {
    present,
    can_hold_nul,
    before: `coalesce(${before.join(', ')})`,
    is_tombstone: mapping.is_deleted && `is_deleted_text = 'true'`,
  });
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE staged AS SELECT * EXCLUDE (reader_refusal), ${checked} AS refusal FROM ${relation}`,
  );
  await warehouse.run(
    // Within a transaction row ids begin far above 0.
    'CREATE OR REPLACE TEMP VIEW numbered AS SELECT staged.*, staged.rowid - (SELECT min(rowid) FROM staged) + 1 AS record FROM staged',
  );
  const { rows, refused } = await countStaged(warehouse);
  return {
    present: new Set([...present, 'other']),
    fetched: rows,
    unreadable: 0,
    refused,
    has_verbatim: false,
    is_timed: mapping.source_time !== undefined,
    has_tombstones: mapping.is_deleted !== undefined,
  };
}

/** The stream's columns that the mapping fills, in the stream's order. Throws for a mapping that cannot be meant. */
function presentColumns({ stream, columns, presence_only }: RecordMapping): string[] {
  const names = columnNames(stream);
  const unknown = Object.keys(columns).filter((name) => !names.includes(name));
  const missing = streams[stream].columns.filter(({ name, required }) => required && !(name in columns));
  if (unknown.length) throw new Error(`${stream} has no column ${unknown.join(', ')}`);
  if (missing.length && !presence_only)
    throw new Error(`a mapping of ${stream} leaves out ${missing.map(({ name }) => name).join(', ')}`);
  return names.filter((name) => name in columns);
}

/** Ids and required texts, which a vendor that changes their type would turn into JSON. */
function isPlainText(stream: StreamName, name: string): boolean {
  const column = streams[stream].columns.find((known) => known.name === name)!;
  return column.type === 'id' || (column.type === 'text' && column.required);
}

function notText(name: string): string {
  const value = identifier(name);
  return `CASE WHEN left(${value}, 1) IN ('{', '[') AND json_valid(${value}) THEN ${literal(`not_text:${name}`)} END`;
}
