// An NDJSON file as an extract: one JSON object a line. Lines are read as text and taken apart by DuckDB, so that a broken
// line costs only itself and a number keeps the digits it was written with.
import { SourceError } from '../../core/errors.ts';
import { identifier, literal } from '../../core/sql.ts';
import { type StreamName, streams } from '../../core/streams.ts';
import type { Extract, IngestWarehouse } from '../connector.ts';
import { type Mapping, mapColumns } from '../mapping.ts';
import { fingerprint } from './fingerprint.ts';
import { assertText, forgetRejects, readText, rejectedRows } from './text.ts';

/** JSON escapes every control character, so U+0001 never splits a line. */
const delimiter = '\u0001';
const isObject = `CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END`;

/** Opens an NDJSON file of `stream`; throws SourceError when no line has a required column. */
export async function ndjsonExtract(
  warehouse: IngestWarehouse,
  { stream, path, origin, mapping }: { stream: StreamName; path: string; origin: string; mapping: Mapping },
): Promise<Extract> {
  const print = await fingerprint(path);
  assertText(origin, print);
  const text = (lax: boolean) => readText({ path, columns: ['line'], header: false, delimiter, quote: '', lax });
  const fields = await fieldsOf(warehouse, text(true));
  const exact = exactFields(stream, mapping);
  const { columns: mapped, unmapped } = mapColumns({
    stream,
    fields,
    mapping,
    expression: (field) => (exact.has(field) ? exactNumber(field) : textOf(field)),
    origin,
  });
  const { updated_at, is_deleted, ...columns } = mapped;
  const relation = (lax: boolean) => fieldsRelation(text(lax), fields);
  return {
    stream,
    origin,
    digest: print.digest,
    mapping: { ...mapping, unmapped },
    relation: relation(false),
    fallback_relation: relation(true),
    columns,
    ...(unmapped.length && { other: otherFields(fields.filter((field) => !unmapped.includes(field))) }),
    ...(updated_at && { source_time: updated_at }),
    ...(is_deleted && { is_deleted }),
    refusal: `CASE WHEN NOT is_object THEN 'bad_json' END`,
    verbatim: 'line',
    can_hold_nul: print.has_zero_byte || print.has_escaped_nul,
    first_record: 1,
    async unreadable(warehouse, { table, rows }) {
      if (!print.ends_with_newline) await assertWhole(warehouse, table, origin);
      return rejectedRows(warehouse, {
        origin,
        rows_read: rows,
        first_record: 1,
        ends_with_newline: print.ends_with_newline,
        id_position: 0,
        delimiter,
      });
    },
  };
}

/** The names that any line uses, in byte order. */
async function fieldsOf(warehouse: IngestWarehouse, lines: string): Promise<string[]> {
  await forgetRejects(warehouse);
  const rows = await warehouse.rows<{ field: string }>(
    `SELECT DISTINCT unnest(json_keys(CASE WHEN ${isObject} THEN line END)) AS field FROM ${lines} ORDER BY field`,
  );
  return rows.map(({ field }) => field);
}

/** `field` is a struct of texts; JSON null and a blank text are NULL. */
function fieldsRelation(lines: string, fields: readonly string[]): string {
  const shape = JSON.stringify(Object.fromEntries(fields.map((field) => [field, 'VARCHAR'])));
  const transformed = fields.length
    ? `json_transform(CASE WHEN ${isObject} THEN line END, ${literal(shape)})`
    : `{'': NULL::VARCHAR}`;
  return `(SELECT line, ${isObject} AS is_object, ${transformed} AS field FROM ${lines} WHERE line IS NOT NULL)`;
}

/** Fields that become amounts or rates. */
function exactFields(stream: StreamName, mapping: Mapping): Set<string> {
  const exact = streams[stream].columns.filter(({ type }) => type === 'amount' || type === 'rate');
  return new Set(exact.map(({ name }) => mapping.columns?.[name] ?? name));
}

/**
 * A JSON number in its own digits: through a double it could change. Where the same name occurs more than once in the line
 * (a nested object), which one is meant is not certain, and the text is left to be refused.
 */
function exactNumber(field: string): string {
  const tokens = `regexp_extract_all(line, ${literal(`"${escaped(field)}"\\s*:\\s*([^,}\\]\\s]+)`)}, 1)`;
  const type = `json_type(CASE WHEN is_object THEN line END, ${literal(`$.${JSON.stringify(field)}`)})`;
  return `CASE WHEN ${type} IN ('DOUBLE', 'BIGINT', 'UBIGINT')
    THEN CASE WHEN len(${tokens}) = 1 THEN ${tokens}[1] ELSE 'uncertain number' END ELSE ${textOf(field)} END`;
}

function textOf(field: string): string {
  return `nullif(field[${literal(field)}], '')`;
}

function escaped(field: string): string {
  return field.replaceAll(/[^a-zA-Z0-9_]/g, (character) => `\\x{${character.codePointAt(0)!.toString(16)}}`);
}

/** The line without the mapped fields: a JSON merge patch (RFC 7396) with null removes a member. */
function otherFields(mapped: readonly string[]): string {
  const patch = JSON.stringify(Object.fromEntries(mapped.map((field) => [field, null])));
  return `nullif(json_merge_patch(CASE WHEN is_object THEN line END::JSON, ${literal(patch)}::JSON)::VARCHAR, '{}')`;
}

async function assertWhole(warehouse: IngestWarehouse, table: string, origin: string): Promise<void> {
  const [last] = await warehouse.rows<{ refusal: string | null; record: bigint }>(
    `SELECT refusal, rowid + 1 AS record FROM ${identifier(table)} ORDER BY rowid DESC LIMIT 1`,
  );
  if (last?.refusal === 'bad_json')
    throw new SourceError(`${origin}: the file ends in the middle of record ${last.record}`, {
      hint: 'it was cut while it was written or copied; export it again',
    });
}
