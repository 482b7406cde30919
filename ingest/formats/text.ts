// What CSV and NDJSON share: both are read as rows of text by DuckDB's CSV reader, which sets aside the rows it cannot read.
import { SourceError } from '../../core/errors.ts';
import { literal } from '../../core/sql.ts';
import type { IngestWarehouse } from '../connector.ts';
import type { Fingerprint } from './fingerprint.ts';

/** DuckDB keeps the rows that its reader refused in these tables of the session. */
const rejectTables = ['reject_errors', 'reject_scans'];

/** Throws SourceError for a file that holds no text at all, or text of another encoding than UTF-8 throughout. */
export function assertText(origin: string, { bytes, first_bytes }: Fingerprint): void {
  if (bytes === 0 || (bytes === 3 && first_bytes.equals(Buffer.from([0xef, 0xbb, 0xbf]))))
    throw new SourceError(`${origin}: the file is empty`, {
      hint: 'put the file back, or set `allow_empty: true` for this stream in sourced.yaml',
    });
  const [first, second] = first_bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new SourceError(`${origin}: the file is UTF-16`, { hint: 'save it as UTF-8' });
  if (/^\s*<(!doctype|html|\?xml)/i.test(first_bytes.toString('latin1')))
    throw new SourceError(`${origin}: the file is a web page, not data`, {
      hint: 'download the export again, signed in',
    });
}

/** A `read_csv` call over text columns; `lax` accepts rows that end now in LF, now in CRLF. */
export function readText({
  path,
  columns,
  header,
  delimiter,
  quote,
  lax,
}: {
  path: string;
  columns: readonly string[];
  header: boolean;
  delimiter: string;
  quote: string;
  lax: boolean;
}): string {
  const types = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  const options = [
    literal(path),
    'auto_detect = false',
    `header = ${header}`,
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(quote)}`,
    `escape = ${literal(quote)}`,
    "nullstr = ''",
    `columns = {${types}}`,
    'store_rejects = true',
    'ignore_errors = true',
    `strict_mode = ${!lax}`,
  ];
  return `read_csv(${options.join(', ')})`;
}

/** Forgets what an earlier file left, so that what is found afterwards belongs to this one. */
export async function forgetRejects(warehouse: IngestWarehouse): Promise<void> {
  for (const table of rejectTables) await warehouse.run(`DROP TABLE IF EXISTS ${table}`);
}

/**
 * The refused rows as a SELECT of (record, record_id, reason, detail, payload). `id_position` is the field that holds the
 * record's id, counted from 1 (0: unknown). Throws SourceError when the last row of the file was cut.
 */
export async function rejectedRows(
  warehouse: IngestWarehouse,
  {
    origin,
    rows_read,
    first_record,
    ends_with_newline,
    id_position,
    delimiter,
  }: {
    origin: string;
    rows_read: number;
    first_record: number;
    ends_with_newline: boolean;
    id_position: number;
    delimiter: string;
  },
): Promise<string> {
  const last = await lastRejected(warehouse);
  const isLast = last && Number(last.line) >= rows_read + Number(last.rejected) + first_record - 1;
  const swallowed = last?.error_type === 'UNQUOTED VALUE' && /[\r\n]$/.test(last.csv_line);
  if (isLast && (swallowed || (!ends_with_newline && last.error_type !== 'INVALID ENCODING')))
    throw new SourceError(`${origin}: the file ends in the middle of record ${last.line}`, {
      hint: 'it was cut while it was written or copied; export it again',
    });
  const line = `ltrim(csv_line, chr(10) || chr(13))`;
  const id = id_position
    ? `nullif(trim(string_split(${line}, ${literal(delimiter)})[${id_position}], '"'), '')`
    : 'NULL::VARCHAR';
  return `SELECT line::BIGINT AS record, ${id} AS record_id,
      CASE error_type WHEN 'INVALID ENCODING' THEN 'not_utf8' WHEN 'UNQUOTED VALUE' THEN 'bad_quotes'
        WHEN 'LINE SIZE OVER MAXIMUM' THEN 'row_too_long' ELSE 'ragged_row' END AS reason,
      error_message AS detail, left(${line}, 10000) AS payload
    FROM reject_errors
    QUALIFY row_number() OVER (PARTITION BY line ORDER BY error_type <> 'INVALID ENCODING', column_idx) = 1`;
}

type Rejected = { line: bigint; error_type: string; csv_line: string; rejected: bigint };

async function lastRejected(warehouse: IngestWarehouse): Promise<Rejected | undefined> {
  const [last] = await warehouse.rows<Rejected>(
    `SELECT line::BIGINT AS line, error_type::VARCHAR AS error_type, csv_line,
       (SELECT count(DISTINCT line) FROM reject_errors) AS rejected
     FROM reject_errors ORDER BY line DESC, column_idx LIMIT 1`,
  );
  return last;
}
