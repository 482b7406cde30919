// The books: ledger, decisions and key hashes in one SQLite file that API and run may use at once. The only file with node:sqlite.
// What is posted and why is attribution/commission; what a decision means is decided where it is taken.
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type {
  BooksPort,
  EntryDraft,
  EntryText,
  LedgerEntry,
  LedgerHead,
  PostRequest,
} from '../attribution/commission/books-port.ts';
import { draftColumns } from '../attribution/commission/books-port.ts';
import type { DecisionBook, DecisionRequest } from '../core/decision.ts';
import { BusyError, exitStatus, SourcedError, UsageError } from '../core/errors.ts';
import {
  batchColumns,
  type ChainEnd,
  type ChainRow,
  type ChainValue,
  canonicalText,
  entryColumns,
  grownText,
  headOf,
  insertInto,
  insertRow,
  link,
  linkText,
  moveHead,
  type StoredRow,
} from './books-chain.ts';
import { decisionsOf } from './books-decisions.ts';
import { type AccessKey, type KeyBook, keysOf, type Role } from './books-keys.ts';
import { bringUp, schemaVersion } from './books-schema.ts';
import { keepTerms, postedTerms } from './books-terms.ts';
import { type Verification, verifyBooks } from './books-verify.ts';
import { openingSqlite } from './refusals.ts';

export type { AccessKey, DecisionRequest, Role };

const BUSY_TIMEOUT_MS = 10_000;
const SQLITE_BUSY = 5;

export interface Books extends BooksPort {
  readonly ledger: BooksPort['ledger'];
  readonly decisions: DecisionBook;
  readonly keys: KeyBook;
  /** Recomputes the chains; `noted` are ledger heads kept elsewhere, for instance in release manifests. */
  verify(noted?: readonly LedgerHead[]): Verification;
  close(): void;
}

/**
 * Opens (and creates or migrates) the books. `now` gives the wall clock for `posted_at`, `decided_at` and key dates; a writer
 * waits at most `busy_timeout_ms` for another one, and holds up its own process meanwhile.
 */
export function openBooks(
  path: string,
  { now = () => Temporal.Now.instant(), busy_timeout_ms = BUSY_TIMEOUT_MS } = {},
): Books {
  mkdirSync(dirname(path), { recursive: true });
  const database = openingSqlite(path, () => openDatabase(path, busy_timeout_ms));
  const clock = () => now().toString({ smallestUnit: 'microsecond' });
  return {
    ledger: ledgerOf(database, clock),
    decisions: decisionsOf(database, (work) => transaction(database, work), clock),
    keys: keysOf(database, clock),
    verify: (noted = []) => verify(database, noted),
    close: () => database.close(),
  };
}

function openDatabase(path: string, timeout: number): DatabaseSync {
  const database = new DatabaseSync(path, {
    timeout,
    readBigInts: true,
    enableForeignKeyConstraints: true,
  });
  if (path !== ':memory:') chmodSync(path, 0o600);
  // Large pages and a large cache: a first posting of millions writes each page once. New books only; old ones keep their pages.
  database.exec(
    'pragma page_size = 16384; pragma cache_size = -65536; pragma journal_mode = wal; pragma synchronous = full;',
  );
  migrate(database);
  return database;
}

function migrate(database: DatabaseSync): void {
  transaction(database, () => {
    const version = Number(database.prepare('pragma user_version').get()!.user_version);
    if (version > schemaVersion)
      throw new SourcedError(
        'setup',
        exitStatus.usage,
        `the books have schema ${version}, newer than this program knows`,
        'update Sourced',
      );
    bringUp(database, version);
  });
}

/** Takes the write lock first, so that what is read inside is still true when it is written. */
function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  begin(database);
  try {
    const result = work();
    database.exec('commit');
    return result;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}

function begin(database: DatabaseSync): void {
  try {
    database.exec('begin immediate');
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new BusyError('the books are being written by another process', 'try again');
  }
}

function ledgerOf(database: DatabaseSync, clock: () => string): BooksPort['ledger'] {
  return {
    head: () => headOf(database, 'ledger'),
    lastBatch: () => lastBatch(database),
    entries: function* (after = 0n) {
      const statement = database.prepare('select * from ledger_entry where sequence > ? order by sequence');
      for (const row of statement.iterate(after)) yield toEntry(row as StoredRow);
    },
    planTerms: () => postedTerms(database),
    post: async (request) => (request.entry_count ? post(database, clock, request) : headOf(database, 'ledger')),
  };
}

/** The write lock is held while the entries are read: they come from the warehouse in bulk, never over a network. */
async function post(database: DatabaseSync, clock: () => string, request: PostRequest): Promise<LedgerHead> {
  begin(database);
  try {
    const end = await writeBatch(database, clock, request);
    database.exec('commit');
    return end;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}

async function writeBatch(
  database: DatabaseSync,
  clock: () => string,
  { entries, entry_count, plan_terms, expected_head, as_of }: PostRequest,
): Promise<LedgerHead> {
  const head = headOf(database, 'ledger');
  if (head.sequence !== expected_head.sequence || head.hash !== expected_head.hash)
    throw new BusyError('the ledger has moved since the entries were computed', 'run again');
  const batch = lastBatch(database) + 1n;
  for (const terms of plan_terms) keepTerms(database, terms, batch);
  const terms = headOf(database, 'terms');
  const decision = headOf(database, 'decision');
  const header = {
    batch,
    posted_at: clock(),
    as_of,
    first_sequence: head.sequence + 1n,
    entry_count: BigInt(entry_count),
    terms_sequence: terms.sequence,
    terms_hash: terms.hash,
    decision_sequence: decision.sequence,
    decision_hash: decision.hash,
  };
  const opening_hash = link(head.hash, batchColumns, header);
  const end = await writeEntries(database, entries, batch, { sequence: head.sequence, hash: opening_hash });
  if (end.sequence - head.sequence !== header.entry_count)
    throw new Error(`post: ${entry_count} entries were announced, ${end.sequence - head.sequence} came`);
  const columns = [...batchColumns, 'opening_hash', 'hash'];
  insertRow(database, 'posting_batch', columns, { ...header, opening_hash, hash: end.hash });
  moveHead(database, 'ledger', end);
  return end;
}

/** Links each entry to the one before and stores both; gives the new end. */
async function writeEntries(
  database: DatabaseSync,
  entries: PostRequest['entries'],
  batch: bigint,
  start: ChainEnd,
): Promise<ChainEnd> {
  const columns = [...entryColumns, 'hash'];
  const insert = database.prepare(insertInto('ledger_entry', columns));
  let { sequence, hash } = start;
  const write = (text: EntryText) => {
    sequence += 1n;
    hash = linkText(hash, `["${sequence}","${batch}",${grownText(text).slice(1)}`);
    insert.run(sequence, batch, ...(JSON.parse(text) as (string | null)[]), hash);
  };
  for await (const part of entries)
    if (isTexts(part)) {
      for (const text of part) write(text);
      // What is to come next is made meanwhile: its maker has to be heard.
      await setImmediate();
    } else write(canonicalText(draftColumns, toRow(part)));
  return { sequence, hash };
}

function isTexts(part: EntryDraft | readonly EntryText[]): part is readonly EntryText[] {
  return Array.isArray(part);
}

function lastBatch(database: DatabaseSync): bigint {
  return database.prepare('select coalesce(max(batch), 0) as batch from posting_batch').get()!.batch as bigint;
}

function toRow(entry: EntryDraft): ChainRow {
  return { ...entry, evidence_ids: JSON.stringify(entry.evidence_ids) };
}

function toEntry(row: StoredRow): LedgerEntry {
  return {
    ...row,
    cause_sequence: Number(row.cause_sequence),
    pool_size: numberOf(row.pool_size),
    plan_month: numberOf(row.plan_month),
    evidence_ids: JSON.parse(row.evidence_ids as string) as string[],
  } as unknown as LedgerEntry;
}

function numberOf(value: ChainValue | undefined): number | null {
  return value == null ? null : Number(value);
}

function select(database: DatabaseSync, sql: string, parameters: readonly bigint[]): Iterable<StoredRow> {
  return database.prepare(sql).iterate(...parameters) as Iterable<StoredRow>;
}

/** Reads as of one moment, whatever others write meanwhile. */
function verify(database: DatabaseSync, noted: readonly LedgerHead[]): Verification {
  database.exec('begin');
  try {
    return verifyBooks((sql, ...parameters) => select(database, sql, parameters), noted);
  } finally {
    database.exec('commit');
  }
}

/**
 * Takes the lock of a workspace's runs, for as long as this process lives or until the returned function is called.
 * The operating system drops it with the process, so that a killed run blocks nobody. Throws BusyError at once when it is held.
 */
export function holdRun(path: string): () => void {
  const lock = openingSqlite(path, () => new DatabaseSync(path, { timeout: 0 }));
  try {
    openingSqlite(path, () => lock.exec('pragma locking_mode = exclusive; begin exclusive'));
  } catch (error) {
    lock.close();
    if (error instanceof UsageError) throw error;
    throw new BusyError('another run holds this workspace', 'wait until it has finished, then run again');
  }
  return () => lock.close();
}
