// The hash chain of the books: h(i) = H(h(i−1) ‖ canonical(e(i))), over batch headers and entries, and over decisions.
import { hash } from 'node:crypto';
import { draftColumns } from '../attribution/commission/books-port.ts';

export type ChainValue = string | number | bigint | null;
export type ChainRow = Readonly<Record<string, ChainValue>>;

/** The hash before the first link. */
export const genesis = '0'.repeat(64);

export const batchColumns = ['batch', 'posted_at', 'as_of', 'first_sequence', 'entry_count'] as const;

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
 * An entry's canonical text. The nulls at its end are left out: they are columns that came later, so that entries of before
 * keep their link. (A draft's last column of the first schema is never null.)
 */
export function entryText(text: string): string {
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
