// Tables of a destination that DuckDB can read by itself (files, a DuckDB file), as lines of JSON.
import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from '../../../core/errors.ts';
import { identifier, literal } from '../../../core/sql.ts';
import type { IngestWarehouse } from '../../connector.ts';
import { firstLine, isDuckdbError } from '../../duckdb-error.ts';
import type { Table, TableMark, TableRead } from './destination.ts';

type Described = { readonly column_name: string; readonly column_type: string };

/** A relation of DuckDB with what Airbyte's columns are in it. */
export type DuckdbTable = Table & { readonly relation: string; readonly columns: ReadonlyMap<string, string> };

const extractedColumns = ['_airbyte_extracted_at', '_airbyte_emitted_at'];

/** Describes `relation`; throws SourceError when it cannot be read or holds no table of Airbyte. */
export async function describeTable(
  warehouse: IngestWarehouse,
  { origin, relation }: { origin: string; relation: string },
): Promise<DuckdbTable> {
  const described = await readable(origin, () => warehouse.rows<Described>(`DESCRIBE SELECT * FROM ${relation}`));
  const columns = new Map(described.map(({ column_name, column_type }) => [column_name, column_type]));
  const is_document = columns.has('_airbyte_data');
  const fields = [...columns.keys()].filter((name) => !name.startsWith('_airbyte_'));
  return {
    origin,
    relation,
    columns,
    fields: is_document ? [] : fields,
    nested: fields.filter((name) => isNested(columns.get(name)!)),
    is_document,
    has_generations: columns.has('_airbyte_generation_id'),
  };
}

export async function markOf(warehouse: IngestWarehouse, table: DuckdbTable): Promise<TableMark> {
  const [mark] = await readable(table.origin, () =>
    warehouse.rows<{ rows: bigint; generation: string | null; extracted_at: string | null }>(
      `SELECT count(*) AS rows, max(${generationOf(table)})::VARCHAR AS generation, max(${extractedAt(table)}) AS extracted_at
       FROM ${table.relation}`,
    ),
  );
  return { rows: Number(mark!.rows), generation: mark!.generation ?? '0', extracted_at: mark!.extracted_at };
}

/** Writes the wanted rows to a file below `folder` and yields it in pieces of whole lines. */
export async function* readTable(
  warehouse: IngestWarehouse,
  { table, read, folder }: { table: DuckdbTable; read: Omit<TableRead, 'table'>; folder: string },
): AsyncGenerator<Uint8Array> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `table-${crypto.randomUUID()}.ndjson`);
  try {
    await readable(table.origin, () =>
      warehouse.run(`COPY (${rowsOf(table, read)}) TO ${literal(path)} (FORMAT json)`),
    );
    yield* linesOf(path);
  } finally {
    rmSync(path, { force: true });
  }
}

function rowsOf(table: DuckdbTable, { generation, since, fields }: Omit<TableRead, 'table'>): string {
  const wanted = [
    ...(generation === undefined ? [] : [`${generationOf(table)} = ${literal(generation)}::BIGINT`]),
    ...(since === undefined ? [] : [`${extractedAt(table)} >= ${literal(since)}`]),
  ];
  return `SELECT ${dataOf(table, fields)} AS data, ${metaOf(table)} AS meta, ${extractedAt(table)} AS extracted_at,
      (${generationOf(table)})::VARCHAR AS generation
    FROM ${table.relation} ${wanted.length ? `WHERE ${wanted.join(' AND ')}` : ''} ORDER BY extracted_at`;
}

function dataOf({ is_document, columns, fields }: DuckdbTable, only?: readonly string[]): string {
  if (is_document) return jsonOf('_airbyte_data', columns.get('_airbyte_data')!);
  const members = fields
    .filter((name) => !only || only.includes(name))
    .map((name) => `${literal(name)}, ${jsonOf(name, columns.get(name)!)}`);
  return `json_object(${members.join(', ')})`;
}

function metaOf({ columns }: DuckdbTable): string {
  return columns.has('_airbyte_meta') ? jsonOf('_airbyte_meta', columns.get('_airbyte_meta')!) : 'NULL::JSON';
}

function isNested(type: string): boolean {
  return type === 'JSON' || /^(STRUCT|MAP)|\[\d*\]$/.test(type);
}

/**
 * A value as JSON. Instants are RFC 3339 in UTC, numbers text with all their digits. A text that holds an object or a list is
 * one: CSV knows no other way, and it stays text where nothing asks for its members.
 */
function jsonOf(name: string, type: string): string {
  const value = identifier(name);
  if (name.startsWith('_airbyte_') && type === 'VARCHAR') return `TRY_CAST(${value} AS JSON)`;
  if (type === 'VARCHAR' || type === 'BOOLEAN') return value;
  if (type === 'JSON') return value;
  if (isNested(type)) return `to_json(${value})`;
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type.startsWith('TIMESTAMP')) return `strftime(${value}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f')`;
  // Airbyte's decimals have nine places: zeros at the end are not the source's.
  if (type.startsWith('DECIMAL')) return `regexp_replace(${value}::VARCHAR, '(\\.\\d*?)0+$', '\\1').rtrim('.')`;
  if (type === 'DOUBLE' || type === 'FLOAT') return `regexp_replace(${value}::VARCHAR, '\\.0$', '')`;
  return `${value}::VARCHAR`;
}

function generationOf({ columns }: DuckdbTable): string {
  return columns.has('_airbyte_generation_id')
    ? `coalesce(TRY_CAST("_airbyte_generation_id" AS BIGINT), 0)`
    : '0::BIGINT';
}

/** RFC 3339 in UTC with microseconds, so that texts sort as times; whole numbers are epoch milliseconds. */
function extractedAt({ columns }: DuckdbTable): string {
  const name = extractedColumns.find((column) => columns.has(column));
  if (!name) return `NULL::VARCHAR`;
  const value = `${identifier(name)}`;
  const type = columns.get(name)!;
  const format = `'%Y-%m-%dT%H:%M:%S.%fZ'`;
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${value}, ${format})`;
  if (type.startsWith('TIMESTAMP')) return `strftime(${value}::TIMESTAMP, ${format})`;
  const milliseconds = `strftime(make_timestamp(TRY_CAST(${value}::VARCHAR AS BIGINT) * 1000), ${format})`;
  return `coalesce(${milliseconds}, strftime(TRY_CAST(${value}::VARCHAR AS TIMESTAMPTZ), ${format}))`;
}

async function readable<Result>(origin: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isDuckdbError(error, 'Out of Memory')) throw error; // the reading is tried again with more
    throw new SourceError(`${origin}: cannot be read: ${firstLine(error)}`, {
      hint: 'is it a table that Airbyte wrote, and complete?',
    });
  }
}

const pieceBytes = 1 << 20;

/** The bytes of a file, cut after a line feed. */
async function* linesOf(path: string): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    const whole = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    const end = whole.lastIndexOf(10) + 1;
    if (end > 0) yield Uint8Array.from(whole.subarray(0, end));
    rest = Buffer.from(whole.subarray(end));
  }
  if (rest.length) yield rest;
}
