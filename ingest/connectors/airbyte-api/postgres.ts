// Airbyte's PostgreSQL destination: final tables, read in one snapshot through a cursor on the server, in bounded memory.
import pg from 'pg';
import { SourceError } from '../../../core/errors.ts';
import { identifier, literal } from '../../../core/sql.ts';
import { redacted } from '../../secret.ts';
import { type Destination, findTable, type Table, type TableRead, tableName } from './destination.ts';

export type PostgresOptions = {
  readonly source: string;
  readonly url: string;
  readonly schema: string;
  readonly prefix: string;
};

/** `columns` are all of the table's, with their types. */
type PostgresTable = Table & { readonly name: string; readonly columns: ReadonlyMap<string, string> };

const rowsPerFetch = 5_000;
/** PostgreSQL cuts names after so many bytes. */
const longestName = 63;

/** Opens a read-only, repeatable-read transaction: all tables are of one moment. */
export async function openPostgres({ source, url, schema, prefix }: PostgresOptions): Promise<Destination> {
  const client = new pg.Client({ connectionString: url, application_name: 'sourced', connectionTimeoutMillis: 15_000 });
  client.on('error', () => {}); // a lost connection fails the query under way, which is where it is reported
  const query = async <Row>(sql: string): Promise<Row[]> => {
    try {
      return (await client.query(sql)).rows as Row[];
    } catch (error) {
      throw failureOf(source, url, error as PostgresError);
    }
  };
  await client.connect().catch((error: PostgresError) => {
    throw failureOf(source, url, error);
  });
  await query(`SET TIME ZONE 'UTC'`);
  await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const tables = new Map<string, PostgresTable>();
  return {
    async table(stream) {
      const table = await describe(stream);
      tables.set(stream, table);
      return table;
    },
    async mark(stream) {
      const table = tables.get(stream)!;
      const [mark] = await query<{ rows: string; generation: string | null; extracted_at: string | null }>(
        `SELECT count(*)::text AS rows, ${table.has_generations ? 'max(_airbyte_generation_id)::text' : 'NULL'} AS generation,
           ${timeText('max(_airbyte_extracted_at)')} AS extracted_at FROM ${from(table)}`,
      );
      return { rows: Number(mark!.rows), generation: mark!.generation ?? '0', extracted_at: mark!.extracted_at };
    },
    read: (read) => rowsOf(tables.get(read.table)!, read),
    async close() {
      await client.end().catch(() => {}); // what was read is read
    },
  };

  function from({ name }: PostgresTable): string {
    return `${identifier(schema)}.${identifier(name)}`;
  }

  async function describe(stream: string): Promise<PostgresTable> {
    const present = await query<{ table_name: string }>(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(schema)} ORDER BY table_name`,
    );
    const names = present.map(({ table_name }) => table_name);
    const wanted = tableName(prefix, stream).slice(0, longestName);
    const name = findTable(wanted, names);
    if (!name) throw noTable(source, `${schema}.${wanted}`, names);
    const described = await query<{ column_name: string; data_type: string }>(
      `SELECT column_name, data_type FROM information_schema.columns
       WHERE table_schema = ${literal(schema)} AND table_name = ${literal(name)} ORDER BY ordinal_position`,
    );
    const columns = new Map(described.map(({ column_name, data_type }) => [column_name, data_type]));
    if (!columns.has('_airbyte_extracted_at'))
      throw new SourceError(
        `${source}: ${schema}.${name} is no final table of Airbyte: it has no _airbyte_extracted_at`,
        {
          hint: 'check `destination.schema` of this source in sourced.yaml',
        },
      );
    const own = described.filter(({ column_name }) => !column_name.startsWith('_airbyte_'));
    return {
      name,
      origin: `${source}: ${schema}.${name}`,
      columns,
      fields: own.map(({ column_name }) => column_name),
      nested: own.filter(({ data_type }) => /^jsonb?$/.test(data_type)).map(({ column_name }) => column_name),
      is_document: false,
      has_generations: columns.has('_airbyte_generation_id'),
    };
  }

  async function* rowsOf(table: PostgresTable, read: TableRead): AsyncGenerator<Uint8Array> {
    await query(`DECLARE airbyte_rows NO SCROLL CURSOR FOR ${rowsSql(table, from(table), read)}`);
    for (;;) {
      const rows = await query<{ line: string }>(`FETCH ${rowsPerFetch} FROM airbyte_rows`);
      if (rows.length) yield Buffer.from(rows.map(({ line }) => `${line}\n`).join(''));
      if (rows.length < rowsPerFetch) break;
    }
    await query('CLOSE airbyte_rows');
  }
}

/**
 * `jsonb` keeps every digit of a numeric, and writes instants as RFC 3339 in the session's time zone, UTC. Airbyte's numerics
 * have nine decimals: zeros at the end are not the source's.
 */
function rowsSql(table: PostgresTable, from: string, { generation, since, fields }: TableRead): string {
  const wanted = [
    ...(generation === undefined || !table.has_generations
      ? []
      : [`_airbyte_generation_id = ${literal(generation)}::bigint`]),
    ...(since === undefined ? [] : [`_airbyte_extracted_at >= ${literal(since)}::timestamptz`]),
  ];
  const data = table.fields
    .filter((name) => !fields || fields.includes(name))
    .map((name) => {
      const value = `airbyte_row.${identifier(name)}`;
      return `${table.columns.get(name) === 'numeric' ? `trim_scale(${value})` : value} AS ${identifier(name)}`;
    });
  const meta = table.columns.has('_airbyte_meta') ? 'to_jsonb(_airbyte_meta)' : 'NULL';
  const generationText = table.has_generations ? '_airbyte_generation_id::text' : 'NULL';
  return `SELECT jsonb_build_object('data', to_jsonb(airbyte_data), 'meta', ${meta},
      'extracted_at', ${timeText('_airbyte_extracted_at')}, 'generation', ${generationText})::text AS line
    FROM ${from} AS airbyte_row CROSS JOIN LATERAL (SELECT ${data.join(', ')}) AS airbyte_data
    ${wanted.length ? `WHERE ${wanted.join(' AND ')}` : ''} ORDER BY _airbyte_extracted_at`;
}

function timeText(value: string): string {
  return `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

type PostgresError = Error & { readonly code?: string };

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the server up, and are host and port of `destination.url` right?',
  ENOTFOUND: 'check the host in `destination.url` of this source in sourced.yaml',
  '28P01': 'check user and password in `destination.url`',
  '28000': 'check user and password in `destination.url`',
  '3D000': 'check the database in `destination.url`',
  '42501': 'give the user the right to read: GRANT USAGE ON SCHEMA …; GRANT SELECT ON ALL TABLES IN SCHEMA …',
};

/** The message without the password, and what mends it. */
function failureOf(source: string, url: string, error: PostgresError): SourceError {
  const password = passwordOf(url);
  const text = redacted(error.message || (error.code ?? 'the connection failed'), password ? [password, url] : [url]);
  const is_lost = /^(08|57P|53|40)|^E(CONN|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(error.code ?? '') || !error.code;
  return new SourceError(`${source}: PostgreSQL: ${text}`, {
    transient: is_lost,
    hint: hints[error.code ?? ''] ?? 'check `destination.url` of this source in sourced.yaml',
  });
}

function passwordOf(url: string): string | undefined {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) || undefined : undefined;
}

function noTable(source: string, wanted: string, names: readonly string[]): SourceError {
  return new SourceError(`${source}: there is no table ${wanted} (there is ${names.join(', ') || 'none'})`, {
    hint: 'check `destination.schema` and `from` of this source in sourced.yaml, what the connection syncs, and the right to read',
  });
}
