// Schema `ledger` of the warehouse: the books' entries and decisions, copied by sequence. The books stay the primary record.
// `ledger.copied` says up to which entry, with its hash: a copy of other books is thrown away.
import { dayNumber } from '../../../core/month.ts';
import type { WarehousePort } from '../../ports.ts';
import type { BooksPort, Decision, LedgerEntry, LedgerHead } from '../books-port.ts';

type Type = 'varchar' | 'bigint' | 'integer' | 'date' | 'timestamptz';

/** Columns of `ledger.entry`, in order; months are their first day. */
const entryColumns: Readonly<Record<Exclude<keyof LedgerEntry, 'hash'>, Type>> = {
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
  event_amount_minor: 'bigint',
  plan_month: 'integer',
  event_currency: 'varchar',
  event_base_minor: 'bigint',
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

/** Brings `ledger.entry` and `ledger.decision` up to the books; only what is new is copied. */
export async function copyLedger(warehouse: WarehousePort, books: BooksPort): Promise<void> {
  await warehouse.run('create schema if not exists ledger');
  await dropOtherShape(warehouse);
  await warehouse.run(`
    create table if not exists ledger.entry (${columnList(entryColumns)});
    create table if not exists ledger.copied (sequence bigint, hash varchar)`);
  const from = await copiedUpTo(warehouse, books);
  if (from === 0n) await warehouse.run('delete from ledger.entry');
  else await warehouse.run(`delete from ledger.entry where sequence > ${from}`);
  if (books.ledger.head().sequence > from) {
    await appendAll(warehouse, 'ledger.entry', entryColumns, books.ledger.entries(from));
    await noteCopied(warehouse, books.ledger.head());
  }
  await warehouse.run(`create or replace table ledger.decision (${columnList(decisionColumns)})`);
  await appendAll(warehouse, 'ledger.decision', decisionColumns, books.decisions.list());
}

/** Says that the entries in the warehouse are those of the books up to this end; should it not, `copyLedger` reads them anew. */
export async function noteCopied(warehouse: WarehousePort, { sequence, hash }: LedgerHead): Promise<void> {
  await warehouse.run(`delete from ledger.copied; insert into ledger.copied values (${sequence}, '${hash}')`);
}

function columnList(columns: Readonly<Record<string, Type>>): string {
  return Object.entries(columns)
    .map(([column, type]) => `${column} ${type}`)
    .join(', ');
}

/** A copy that another program made, with other columns, is thrown away. */
async function dropOtherShape(warehouse: WarehousePort): Promise<void> {
  const columns = await warehouse.rows<{ column_name: string }>(`
    select column_name from duckdb_columns() where schema_name = 'ledger' and table_name = 'entry' order by column_index`);
  if (columns.map(({ column_name }) => column_name).join() !== Object.keys(entryColumns).join())
    await warehouse.run('drop table if exists ledger.entry; drop table if exists ledger.copied');
}

async function copiedUpTo(warehouse: WarehousePort, books: BooksPort): Promise<bigint> {
  const [noted] = await warehouse.rows<{ sequence: bigint; hash: string }>('select sequence, hash from ledger.copied');
  if (!noted) return 0n;
  const [own] = books.ledger.entries(noted.sequence - 1n);
  return own?.sequence === noted.sequence && own.hash === noted.hash ? noted.sequence : 0n;
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

/** A value of the books as its column takes it: dates and months as days, lists and objects as JSON. */
function stored(value: unknown, type: Type): string | number | bigint | null {
  if (value === null || value === undefined) return null;
  if (type === 'date') return dayOf(value as string);
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | bigint);
}

/** Dates repeat from entry to entry. */
const days = new Map<string, number>();

function dayOf(date: string): number {
  return days.getOrInsertComputed(date, () => dayNumber(date.length === 7 ? `${date}-01` : date));
}
