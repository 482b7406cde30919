// The records that a vendor's sandbox server answers from: canonical rows of a company, and what happens to them later.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streams } from '../../core/streams.ts';

/** A canonical row, blanks left out; every value is text as in a sheet. */
export type CompanyRow = Readonly<Record<string, string>>;

export type Company = {
  /** The company's business clock (RFC 3339). */
  readonly asOf: string;
  rows(stream: StreamName): readonly CompanyRow[];
};

/** Reads a company as `generateCompany` writes it, or any directory with `sheets/<stream>.csv` and `as_of.txt`. */
export function readCompany(directory: string): Company {
  const asOf = readFileSync(join(directory, 'as_of.txt'), 'utf8').trim();
  const cache = new Map<StreamName, readonly CompanyRow[]>();
  return {
    asOf,
    rows(stream) {
      const known = cache.get(stream);
      if (known) return known;
      const file = join(directory, 'sheets', `${stream}.csv`);
      const rows = existsSync(file) ? parseCsv(readFileSync(file, 'utf8')) : [];
      cache.set(stream, rows);
      return rows;
    },
  };
}

/** A company of given rows, for tests. */
export function companyOf(rows: Partial<Record<StreamName, readonly CompanyRow[]>>, asOf: string): Company {
  return { asOf, rows: (stream) => rows[stream] ?? [] };
}

/** Rows of a CSV text with a header (RFC 4180); blank cells are left out. */
function parseCsv(text: string): CompanyRow[] {
  const [header, ...lines] = csvLines(text);
  return lines.map((cells) =>
    Object.fromEntries(header!.map((name, index) => [name, cells[index] ?? '']).filter(([, cell]) => cell !== '')),
  );
}

function csvLines(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && line.length === 0 && !quoted && !plain) break;
    line.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** Something that happens after the company was written. A merge moves `key` into `into`; a delete removes it. */
export type Change =
  | { readonly kind: 'upsert'; readonly stream: StreamName; readonly row: CompanyRow }
  | { readonly kind: 'delete'; readonly stream: StreamName; readonly key: string }
  | { readonly kind: 'merge'; readonly stream: StreamName; readonly key: string; readonly into: string };

export type StoredRecord = {
  readonly stream: StreamName;
  /** The key's values, joined by `|` where there are several. */
  readonly key: string;
  readonly row: CompanyRow;
  /** Epoch milliseconds of the last change. */
  readonly updatedAt: number;
  /** Epoch milliseconds. */
  readonly deletedAt?: number;
};

export type Store = {
  readonly asOf: string;
  /** Grows with every change, so that a server may keep what it derived until then. */
  version(): number;
  /** All records in the order they were first written; deleted ones carry `deletedAt`. Copies of one key are all there. */
  records(stream: StreamName): readonly StoredRecord[];
  /** `at` is epoch milliseconds: when the vendor says that it happened. */
  apply(change: Change, at: number): void;
};

/** The company's records with what happens to them. A record's first `updatedAt` is the last of its own instants by the business clock. */
export function createStore(company: Company): Store {
  const byStream = new Map<StreamName, StoredRecord[]>();
  const end = Date.parse(company.asOf);
  let version = 0;
  const records = (stream: StreamName): StoredRecord[] => {
    const known = byStream.get(stream);
    if (known) return known;
    const read = company
      .rows(stream)
      .map((row) => ({ stream, key: keyOf(stream, row), row, updatedAt: lastInstant(stream, row, end) }));
    byStream.set(stream, read);
    return read;
  };
  return {
    asOf: company.asOf,
    version: () => version,
    records,
    apply(change, at) {
      version++;
      const list = records(change.stream);
      const key = change.kind === 'upsert' ? keyOf(change.stream, change.row) : change.key;
      const index = list.findIndex((record) => record.key === key);
      const base = { stream: change.stream, key, updatedAt: at };
      if (change.kind === 'upsert') {
        if (index < 0) list.push({ ...base, row: change.row });
        else list[index] = { ...base, row: change.row };
        return;
      }
      const known = list[index];
      if (!known) throw new Error(`sandbox: no ${change.stream} ${key} to ${change.kind}`);
      list[index] =
        change.kind === 'delete'
          ? { ...base, row: known.row, deletedAt: at }
          : { ...base, row: { ...known.row, merged_into: change.into } };
    },
  };
}

export function keyOf(stream: StreamName, row: CompanyRow): string {
  return streams[stream].key.map((name) => row[name] ?? '').join('|');
}

function lastInstant(stream: StreamName, row: CompanyRow, end: number): number {
  const instants = streams[stream].columns
    .filter((column) => column.type === 'instant' && row[column.name])
    .map((column) => Date.parse(row[column.name]!))
    .filter((instant) => instant <= end);
  return instants.length ? Math.max(...instants) : end - 86_400_000;
}
