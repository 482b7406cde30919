// The hash chain of the books: h(i) = H(h(i−1) ‖ canonical(e(i))), over batch headers and entries, and over decisions.
import { createHash } from 'node:crypto';

export type ChainValue = string | number | bigint | null;
export type ChainRow = Readonly<Record<string, ChainValue>>;

/** The hash before the first link. */
export const genesis = '0'.repeat(64);

export const batchColumns = ['batch', 'posted_at', 'as_of', 'first_sequence', 'entry_count'] as const;

export const entryColumns = [
  'sequence',
  'batch',
  'entry_id',
  'entry_type',
  'debit_account',
  'credit_account',
  'partner_id',
  'amount_minor',
  'currency',
  'reporting_amount_minor',
  'reporting_currency',
  'effective_date',
  'posted_month',
  'origin_month',
  'plan',
  'plan_version',
  'component',
  'role',
  'pool_size',
  'deal_id',
  'invoice_id',
  'invoice_line_id',
  'event_kind',
  'event_id',
  'cause_id',
  'cause_sequence',
  'held_until',
  'evidence_ids',
] as const;

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
  const values = columns.map((column) => {
    const value = row[column] ?? null;
    return value === null ? null : String(value);
  });
  return createHash('sha256').update(previous).update(JSON.stringify(values)).digest('hex');
}

/** The end of a chain: the last row's number and hash. */
export interface ChainEnd {
  readonly sequence: bigint;
  readonly hash: string;
}

export type StoredRow = ChainRow & { readonly hash: string };
