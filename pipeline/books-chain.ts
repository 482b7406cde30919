// The hash chains of the books: h(i) = H(h(i−1) ‖ canonical(e(i))), over batch headers and entries, over decisions, and over the
// terms of plans. A batch header holds where the other two ended, so that the ledger's head answers for them as well.
import { hash } from 'node:crypto';
import { draftColumns } from '../attribution/commission/books-port.ts';

export type ChainValue = string | number | bigint | null;
export type ChainRow = Readonly<Record<string, ChainValue>>;

/** The hash before the first link. */
export const genesis = '0'.repeat(64);

/** The last four came with schema 6 and are null before. */
export const batchColumns = [
  'batch',
  'posted_at',
  'as_of',
  'first_sequence',
  'entry_count',
  'terms_sequence',
  'terms_hash',
  'decision_sequence',
  'decision_hash',
] as const;

export const entryColumns = ['sequence', 'batch', ...draftColumns] as const;

export const decisionColumns = [
  'sequence',
  'decision_id',
  'decided_at',
  'person',
  'role',
  'kind',
  'subject_kind',
  'subject_id',
  'reason',
  'detail',
  'idempotency_key',
] as const;

export const termsColumns = ['sequence', 'plan', 'plan_version', 'first_batch', 'terms'] as const;

/** One link: SHA-256 of the hash before and the row's values in column order, numbers as decimal text, null as null. */
export function link(previous: string, columns: readonly string[], row: ChainRow): string {
  return linkText(previous, canonicalText(columns, row));
}

/** One link over a row's canonical text. */
export function linkText(previous: string, text: string): string {
  return hash('sha256', previous + text);
}

/** A row's values in column order as JSON, numbers as decimal text, null as null. */
export function canonicalText(columns: readonly string[], row: ChainRow): string {
  return JSON.stringify(
    columns.map((column) => {
      const value = row[column] ?? null;
      return value === null ? null : String(value);
    }),
  );
}

/**
 * The canonical text of an entry or a batch. The nulls at its end are left out: they are columns that came later, so that rows
 * of before keep their link. (The last column of the first schema is never null.)
 */
export function grownText(text: string): string {
  let end = text.length - 1;
  while (text.startsWith(',null', end - 5)) end -= 5;
  return `${text.slice(0, end)}]`;
}

/** The end of a chain: the last row's number and hash. */
export interface ChainEnd {
  readonly sequence: bigint;
  readonly hash: string;
}

export type StoredRow = ChainRow & { readonly hash: string };

/** The part of the books' SQLite connection that chains need. */
export interface Connection {
  prepare(sql: string): {
    get(...parameters: ChainValue[]): object | undefined;
    all(...parameters: ChainValue[]): object[];
    run(...parameters: ChainValue[]): object;
  };
}

/** The statement, with a `?` for each column. */
export function insertInto(table: string, columns: readonly string[]): string {
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
}

/** Writes a row of these columns; what it lacks is null. */
export function insertRow(connection: Connection, table: string, columns: readonly string[], row: ChainRow): void {
  connection.prepare(insertInto(table, columns)).run(...columns.map((column) => row[column] ?? null));
}

export type Chain = 'ledger' | 'terms' | 'decision';

/** Where a chain ends; sequence 0 and `genesis` before its first row. */
export function headOf(connection: Connection, chain: Chain): ChainEnd {
  const row = connection.prepare('select sequence, hash from chain_head where chain = ?').get(chain);
  return (row as ChainEnd | undefined) ?? { sequence: 0n, hash: genesis };
}

/** Notes where a chain ends now; in the transaction that wrote its rows. */
export function moveHead(connection: Connection, chain: Chain, { sequence, hash }: ChainEnd): void {
  connection
    .prepare(
      'insert into chain_head values (?, ?, ?) on conflict do update set sequence = excluded.sequence, hash = excluded.hash',
    )
    .run(chain, sequence, hash);
}
