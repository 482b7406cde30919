// Schema `ledger` of the warehouse: the books' entries and decisions, copied by sequence. The books stay the primary record.
import { dayNumber } from '../../core/month.ts';
import type { WarehousePort } from '../ports.ts';
import type { BooksPort, Decision, LedgerEntry } from './books-port.ts';

type Type = 'varchar' | 'bigint' | 'integer' | 'date' | 'timestamptz';

/** Columns of `ledger.entry`, in order; months are their first day. */
const entryColumns: Readonly<Record<keyof LedgerEntry, Type>> = {
  sequence: 'bigint',
  batch: 'bigint',
  entry_id: 'varchar',
  entry_type: 'varchar',
  debit_account: 'varchar',
  credit_account: 'varchar',
  partner_id: 'varchar',
  amount_minor: 'bigint',
  currency: 'varchar',
  reporting_amount_minor: 'bigint',
  reporting_currency: 'varchar',
  effective_date: 'date',
  posted_month: 'date',
  origin_month: 'date',
  plan: 'varchar',
  plan_version: 'varchar',
  component: 'varchar',
  role: 'varchar',
  pool_size: 'integer',
  deal_id: 'varchar',
  invoice_id: 'varchar',
  invoice_line_id: 'varchar',
  event_kind: 'varchar',
  event_id: 'varchar',
  cause_id: 'varchar',
  cause_sequence: 'integer',
  held_until: 'date',
  evidence_ids: 'varchar',
  hash: 'varchar',
};

const decisionColumns: Readonly<Record<keyof Decision, Type>> = {
  sequence: 'bigint',
  decision_id: 'varchar',
  decided_at: 'varchar',
  person: 'varchar',
  role: 'varchar',
  kind: 'varchar',
  subject_kind: 'varchar',
  subject_id: 'varchar',
  reason: 'varchar',
  detail: 'varchar',
  hash: 'varchar',
};

const CHUNK_ROWS = 20_000;

/**
 * Brings `ledger.entry` and `ledger.decision` up to the books. Only new entries are copied; a copy that is not of these
 * books (its last hash is another) is thrown away first.
 */
export async function copyLedger(warehouse: WarehousePort, books: BooksPort): Promise<void> {
  await warehouse.run('create schema if not exists ledger');
  await warehouse.run(`create table if not exists ledger.entry (${columnList(entryColumns)})`);
  const from = await copiedUpTo(warehouse, books);
  if (from === 0n) await warehouse.run('delete from ledger.entry');
  await appendAll(warehouse, 'ledger.entry', entryColumns, books.ledger.entries(from));
  await warehouse.run(`create or replace table ledger.decision (${columnList(decisionColumns)})`);
  await appendAll(warehouse, 'ledger.decision', decisionColumns, books.decisions.list());
}

function columnList(columns: Readonly<Record<string, Type>>): string {
  return Object.entries(columns)
    .map(([column, type]) => `${column} ${type}`)
    .join(', ');
}

async function copiedUpTo(warehouse: WarehousePort, books: BooksPort): Promise<bigint> {
  const [last] = await warehouse.rows<{ sequence: bigint; hash: string }>(
    'select sequence, hash from ledger.entry order by sequence desc limit 1',
  );
  if (!last) return 0n;
  const [own] = books.ledger.entries(last.sequence - 1n);
  return own?.sequence === last.sequence && own.hash === last.hash ? last.sequence : 0n;
}

async function appendAll<Row extends object>(
  warehouse: WarehousePort,
  table: `${string}.${string}`,
  columns: Readonly<Record<string, Type>>,
  rows: Iterable<Row>,
): Promise<void> {
  const appender = await warehouse.appender(table);
  let chunk: Row[] = [];
  const flush = () => {
    if (chunk.length)
      appender.append(
        Object.entries(columns).map(([column, type]) => chunk.map((row) => stored(row[column as keyof Row], type))),
        chunk.length,
      );
    chunk = [];
  };
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length === CHUNK_ROWS) flush();
  }
  flush();
  await appender.close();
}

/** A value of the books as its column takes it: dates as days, lists and objects as JSON. */
function stored(value: unknown, type: Type): string | number | bigint | null {
  if (value === null || value === undefined) return null;
  if (type === 'date') return dayNumber((value as string).length === 7 ? `${value}-01` : (value as string));
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | bigint);
}
