// A Parquet file as an extract: each column becomes the text that a CSV would hold.
import { SourceError } from '../../core/errors.ts';
import { identifier, literal } from '../../core/sql.ts';
import type { StreamName } from '../../core/streams.ts';
import type { Extract, IngestWarehouse } from '../connector.ts';
import { firstLine } from '../duckdb-error.ts';
import { type Mapping, mapColumns } from '../mapping.ts';
import { fingerprint } from './fingerprint.ts';

/** Opens a Parquet file of `stream`; throws SourceError when it is no Parquet or lacks a required column. */
export async function parquetExtract(
  warehouse: IngestWarehouse,
  { stream, path, origin, mapping }: { stream: StreamName; path: string; origin: string; mapping: Mapping },
): Promise<Extract> {
  const print = await fingerprint(path);
  const relation = `read_parquet(${literal(path)})`;
  const types = new Map(
    (await described(warehouse, relation, origin)).map((row) => [row.column_name, row.column_type]),
  );
  const fields = [...types.keys()];
  const { columns: mapped, unmapped } = mapColumns({
    stream,
    fields,
    mapping,
    expression: (field) => asText(identifier(field), types.get(field)!),
    origin,
  });
  const { updated_at, is_deleted, ...columns } = mapped;
  const others = unmapped.map((field) => `${literal(field)}, ${identifier(field)}`);
  return {
    stream,
    origin,
    digest: print.digest,
    mapping: { ...mapping, unmapped },
    relation,
    columns,
    ...(others.length && { other: `json_object(${others.join(', ')})::VARCHAR` }),
    ...(updated_at && { source_time: updated_at }),
    ...(is_deleted && { is_deleted }),
    can_hold_nul: true,
    first_record: 1,
  };
}

async function described(
  warehouse: IngestWarehouse,
  relation: string,
  origin: string,
): Promise<{ column_name: string; column_type: string }[]> {
  try {
    return await warehouse.rows(`DESCRIBE SELECT * FROM ${relation}`);
  } catch (error) {
    throw new SourceError(`${origin}: not a Parquet file that can be read (${firstLine(error)})`, {
      hint: 'it may have been cut while it was written or copied; export it again',
    });
  }
}

/**
 * SQL text of a value. Instants in UTC with an offset; a timestamp without a zone stays without, and is refused where an
 * instant is due; whole doubles without `.0`; nested values as JSON; a blank text is NULL.
 */
function asText(value: string, type: string): string {
  if (type === 'VARCHAR') return `nullif(${value}, '')`;
  if (type === 'TIMESTAMP WITH TIME ZONE') return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type.startsWith('TIMESTAMP')) return `strftime(${value}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f')`;
  if (type === 'DOUBLE' || type === 'FLOAT') return `regexp_replace(${value}::VARCHAR, '\\.0$', '')`;
  if (/^(STRUCT|MAP)|\[\d*\]$/.test(type)) return `to_json(${value})::VARCHAR`;
  return `nullif(${value}::VARCHAR, '')`;
}
