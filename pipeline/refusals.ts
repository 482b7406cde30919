// What a machine may refuse whatever the program does (files, SQLite, DuckDB), in words: not a bug of ours.
import { AuditError, BusyError, type SourcedError, UsageError } from '../core/errors.ts';
import { firstLine, isDuckdbError, isLocked } from '../ingest/duckdb-error.ts';

const fileSystem: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'something else has this name',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const sqlite: Readonly<Record<number, string>> = {
  8: 'may not be written',
  10: 'cannot be read or written by this machine',
  11: 'is damaged',
  13: 'cannot be written: the disk is full',
  14: 'cannot be opened',
  26: 'is not a database',
};

/** The refusal of a file operation; undefined for any other error. */
export function fileRefusal(error: unknown): SourcedError | undefined {
  const { code = '', path } = (error ?? {}) as NodeJS.ErrnoException;
  const refusal = fileSystem[code];
  if (!refusal || !path) return undefined;
  return new UsageError(`${path}: ${refusal}`, 'check what is there and who may write to it, then run again', 'setup');
}

/** Runs `open` on the SQLite file at `path`; throws UsageError where SQLite refuses the file itself. */
export function openingSqlite<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    const refusal = sqlite[Number((error as { errcode?: number }).errcode) & 0xff];
    if (!refusal) throw error;
    const hint = 'check its owner and its disk; books that are damaged come back from a backup only';
    throw new UsageError(`${path} ${refusal}`, hint, 'setup');
  }
}

/** Why DuckDB does not open the file at `path`: another process has it, it may not be written, or it is no longer a warehouse. */
export function warehouseRefusal(path: string, error: unknown): SourcedError | undefined {
  if (isLocked(error))
    return new BusyError('the warehouse is open in another process', 'wait for the other run to end, then try again');
  if (!isDuckdbError(error, 'IO', 'Serialization', 'INTERNAL')) return undefined;
  if (/permission denied|read-only/i.test(error.message))
    return new UsageError(
      `${path} may not be written`,
      'check who owns it, and whether its disk is read-only',
      'setup',
    );
  return new UsageError(
    `${path} cannot be read as a warehouse: ${firstLine(error)}`,
    'restore it from a backup, or move it away and run again: the sources are read anew, and the books keep the ledger',
    'setup',
  );
}

/** A sum or a product that 64 bits do not hold, wherever DuckDB met it, dbt included; undefined for any other error. */
export function overflowRefusal(error: unknown): SourcedError | undefined {
  const message = error instanceof Error ? error.message : '';
  if (!/out of range for the destination type INT64|Overflow in .*INT/i.test(message)) return undefined;
  return new AuditError(
    `amounts are too large: a number is beyond what 64 bits hold\n${message}`,
    'look for an amount that is too large, or a rate; correct it in its system or file, then run again. Are all as they should be, this is a bug of ours: please report it',
  );
}
