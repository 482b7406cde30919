// Lists: a query of a route → one page of rows in a stable order, and the cursor to the next. The route's SQL gives raw
// columns; dates, months and instants become text here, so that all faces start from the same values.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Column, Columns } from './columns.ts';
import { ApiProblem } from './errors.ts';
import { sqlName } from './faces.ts';
import type { DataRow, Parameters, Release } from './release-store.ts';

/** A column to order by; together they are unique and never null. */
export interface OrderColumn {
  readonly name: string;
  readonly descending?: boolean;
}

export interface ListQuery {
  /** A SELECT with the row's SQL columns (`x_minor` for money) and the columns of the order. */
  readonly sql: string;
  readonly parameters?: Parameters;
  readonly order: readonly OrderColumn[];
}

export interface ListPage {
  readonly rows: readonly DataRow[];
  readonly next_cursor: string | null;
}

export const LIMIT_MAX = 10_000;
const LIMIT_DEFAULT = 500;

/** The parameters that every list takes. */
export const paging = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, `limit is a number from 1 to ${LIMIT_MAX}`)
    .transform(Number)
    .pipe(z.int().max(LIMIT_MAX, `limit is a number from 1 to ${LIMIT_MAX}`))
    .optional()
    .describe(`Rows of a page, 1 to ${LIMIT_MAX}; ${LIMIT_DEFAULT} by default`),
  cursor: z.string().max(4000).optional().describe('next_cursor of the page before'),
};

export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Reads one page. `question` names everything but the page: a cursor of another question or release is refused. */
export async function readPage(
  release: Release,
  columns: Columns,
  query: ListQuery,
  { limit = LIMIT_DEFAULT, cursor }: PageRequest,
  question: string,
): Promise<ListPage> {
  const mark = { release_id: release.manifest.release_id, question: digest(question) };
  const after = cursor === undefined ? undefined : decodeCursor(cursor, mark, query.order.length);
  const rows = await release.rows(pageSql(columns, query, after !== undefined), {
    ...query.parameters,
    ...Object.fromEntries((after ?? []).map((value, index) => [`after_${index}`, value])),
    page_rows: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { rows: page, next_cursor: last ? encodeCursor(mark, query.order, last) : null };
}

/** Reads every row of a query whose size is bounded by its nature: by 10,000, unless a larger bound is named. */
export async function readAll(
  release: Release,
  columns: Columns,
  query: ListQuery,
  rowsMax = LIMIT_MAX,
): Promise<DataRow[]> {
  return release.rows(pageSql(columns, query, false), { ...query.parameters, page_rows: rowsMax });
}

function pageSql(columns: Columns, { sql, order }: ListQuery, hasCursor: boolean): string {
  const fields = Object.entries(columns).map(
    ([name, column]) => `${formatted(name, column)} AS "${sqlName(name, column)}"`,
  );
  const marks = order.map(({ name }, index) => `CAST("${name}" AS VARCHAR) AS "after_${index}"`);
  const direction = order.map(({ name, descending }) => `"${name}"${descending ? ' DESC' : ''}`);
  return `WITH answer AS (${sql})
    SELECT ${[...fields, ...marks].join(', ')} FROM answer
    ${hasCursor ? `WHERE ${afterCondition(order)}` : ''}
    ORDER BY ${direction.join(', ')} LIMIT $page_rows`;
}

/** (a, b, c) after the last row, each column in its own direction. */
function afterCondition(order: readonly OrderColumn[]): string {
  const bound = (index: number) => `TRY_CAST($after_${index} AS ${typeOf(order[index]!.name)})`;
  const alternatives = order.map(({ name, descending }, index) => {
    const equal = order.slice(0, index).map((column, before) => `"${column.name}" = ${bound(before)}`);
    return `(${[...equal, `"${name}" ${descending ? '<' : '>'} ${bound(index)}`].join(' AND ')})`;
  });
  return alternatives.join(' OR ');
}

/** Column names say their type: amounts, counts and spans are integers, months and dates are dates, `_at` is an instant. */
function typeOf(name: string): string {
  if (/_(minor|count|days|minutes)$/.test(name)) return 'BIGINT';
  if (name === 'month' || name.endsWith('_month') || name.endsWith('_date')) return 'DATE';
  return name.endsWith('_at') ? 'TIMESTAMPTZ' : 'VARCHAR';
}

function formatted(name: string, column: Column): string {
  const field = `"${sqlName(name, column)}"`;
  switch (column.kind) {
    case 'month':
      return `strftime(${field}, '%Y-%m')`;
    case 'date':
      return `CAST(${field} AS VARCHAR)`;
    case 'instant':
      return instantText(field);
    case 'number':
      return `CAST(${field} AS DOUBLE)`;
    case 'boolean':
      return field;
    case 'text':
      return `CAST(${field} AS VARCHAR)`;
    default:
      return `CAST(${field} AS BIGINT)`;
  }
}

/** SQL: an instant as text in UTC, to the microsecond. */
export function instantText(expression: string): string {
  return `strftime(CAST(${expression} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')`;
}

type Mark = { readonly release_id: string; readonly question: string };

function encodeCursor({ release_id, question }: Mark, order: readonly OrderColumn[], last: DataRow): string {
  const values = order.map((_, index) => last[`after_${index}`]);
  return Buffer.from(JSON.stringify([release_id, question, ...values])).toString('base64url');
}

function decodeCursor(cursor: string, mark: Mark, length: number): string[] {
  const parts = parseCursor(cursor);
  if (parts === undefined || parts.length !== length + 2)
    throw new ApiProblem('cursor_invalid', 'Take next_cursor of the page before as it is, or leave cursor out.');
  const [release_id, question, ...values] = parts;
  if (question !== mark.question)
    throw new ApiProblem('cursor_invalid', 'The other parameters must stay those of the page before.');
  if (release_id !== mark.release_id)
    throw new ApiProblem('release_changed', 'Start again without a cursor, so that all pages are of one release.');
  return values;
}

function parseCursor(cursor: string): string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : undefined;
  } catch {
    return undefined;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
