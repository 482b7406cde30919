// A CSV file as an extract: header and dialect are found here, everything below the header is read by DuckDB.
import { open } from 'node:fs/promises';
import { SourceError } from '../../core/errors.ts';
import { literal } from '../../core/sql.ts';
import { type StreamName, streams } from '../../core/streams.ts';
import type { Extract } from '../connector.ts';
import { type MappedColumns, type Mapping, mapColumns } from '../mapping.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { assertText, readText, rejectedRows } from './text.ts';

const headerBytesMax = 1 << 20;
const delimiters = [',', ';', '\t', '|'];

/** Opens a CSV file of `stream`; throws SourceError when its header or its end is not what it must be. */
export async function csvExtract({
  stream,
  path,
  origin,
  mapping,
}: {
  stream: StreamName;
  path: string;
  origin: string;
  mapping: Mapping;
}): Promise<Extract> {
  const print = await fingerprint(path);
  assertText(origin, print);
  const header = parseHeader(await firstText(path), origin);
  const mapped = mapColumns({
    stream,
    fields: header.names,
    mapping,
    expression: (field) => `c${header.names.indexOf(field)}`,
    origin,
  });
  return extractOf({ stream, path, origin, mapping, print, header, mapped });
}

function extractOf(file: {
  stream: StreamName;
  path: string;
  origin: string;
  mapping: Mapping;
  print: Fingerprint;
  header: Header;
  mapped: MappedColumns;
}): Extract {
  const { stream, path, origin, print, header, mapped } = file;
  const positional = header.names.map((_, index) => `c${index}`);
  const { updated_at, is_deleted, ...columns } = mapped.columns;
  const relation = (lax: boolean) =>
    readText({ path, columns: positional, header: true, delimiter: header.delimiter, quote: '"', lax });
  return {
    stream,
    origin,
    digest: print.digest,
    mapping: { ...file.mapping, unmapped: mapped.unmapped },
    relation: relation(false),
    fallback_relation: relation(true),
    columns,
    ...(mapped.unmapped.length && { other: otherFields(mapped.unmapped, header.names) }),
    ...(updated_at && { source_time: updated_at }),
    ...(is_deleted && { is_deleted }),
    can_hold_nul: print.has_zero_byte,
    first_record: 2,
    unreadable(warehouse, { rows }) {
      return rejectedRows(warehouse, {
        origin,
        rows_read: rows,
        first_record: 2,
        ends_with_newline: print.ends_with_newline,
        id_position: 1 + positional.indexOf(columns[streams[stream].key[0]!] ?? ''),
        delimiter: header.delimiter,
      });
    },
  };
}

function otherFields(unmapped: readonly string[], names: readonly string[]): string {
  const pairs = unmapped.map((name) => `${literal(name)}, c${names.indexOf(name)}`);
  return `json_object(${pairs.join(', ')})::VARCHAR`;
}

async function firstText(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytesMax), 0, headerBytesMax, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await file.close();
  }
}

type Header = { readonly names: readonly string[]; readonly delimiter: string };

/** The names of a header row (RFC 4180 quoting); the delimiter is the one that splits it most. Throws SourceError for a repeated name. */
function parseHeader(text: string, origin: string): Header {
  const [header] = delimiters
    .map((delimiter) => ({ delimiter, names: firstRecord(text, delimiter) }))
    .sort((left, right) => right.names.length - left.names.length);
  const names = header!.names.map((name, index) => name || `column_${index + 1}`);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length)
    throw new SourceError(
      `${origin}: the header names ${[...new Set(repeated)].map((name) => `\`${name}\``).join(', ')} more than once`,
      {
        hint: 'each column needs a name of its own',
      },
    );
  return { names, delimiter: header!.delimiter };
}

function firstRecord(text: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === delimiter) {
      fields.push(field);
      field = '';
    } else if (character === '\n' || character === '\r') break;
    else field += character;
  }
  return [...fields, field];
}
