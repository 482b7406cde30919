// Sheets of a company as rows that a test may reorder, split and rewrite. Bytes that are no UTF-8 survive.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Sheet {
  readonly columns: readonly string[];
  /** Rows as wide as the header. */
  readonly rows: readonly Row[];
  /** Rows of another width, as they are written. */
  readonly ragged: readonly string[];
}

export type Row = Readonly<Record<string, string>>;

/** Text is kept as one character a byte. */
const ENCODING = 'latin1';
const BOM = '\u00ef\u00bb\u00bf';

export function readSheet(path: string): Sheet {
  const text = readFileSync(path, ENCODING).replace(BOM, '');
  const [columns, ...records] = recordsOf(text).map(cellsOf);
  const wide = records.filter((cells) => cells.length === columns!.length);
  return {
    columns: columns!,
    rows: wide.map((cells) => Object.fromEntries(columns!.map((name, place) => [name, cells[place]!]))),
    ragged: records.filter((cells) => cells.length !== columns!.length).map((cells) => cells.map(quoted).join(',')),
  };
}

export function writeSheet(path: string, { columns, rows, ragged }: Sheet): void {
  const lines = rows.map((row) => columns.map((name) => quoted(row[name] ?? '')).join(','));
  writeFileSync(path, `${[columns.join(','), ...lines, ...ragged].join('\n')}\n`, ENCODING);
}

/** The sheets of a workspace by stream. */
export function readSheets(workspace: string): Record<string, Sheet> {
  const directory = join(workspace, 'sheets');
  return Object.fromEntries(
    readdirSync(directory).map((file) => [basename(file, '.csv'), readSheet(join(directory, file))]),
  );
}

/** The sheets of the workspace from now on; what is not named has no file. */
export function replaceSheets(workspace: string, sheets: Readonly<Record<string, Sheet>>): void {
  rmSync(join(workspace, 'sheets'), { recursive: true });
  mkdirSync(join(workspace, 'sheets'));
  for (const [stream, sheet] of Object.entries(sheets)) writeSheet(join(workspace, 'sheets', `${stream}.csv`), sheet);
}

/** The rows as NDJSON; an empty cell is left out. */
export function writeLines(path: string, { rows }: Sheet): void {
  const given = (row: Row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
  writeFileSync(path, rows.map((row) => `${JSON.stringify(given(row))}\n`).join(''), ENCODING);
}

/** A fixed order that has nothing to do with the given one: by a hash of the text and the seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const rank = new Map(items.map((item) => [item, dice(JSON.stringify(item), seed)]));
  return [...items].sort((left, right) => rank.get(left)! - rank.get(right)!);
}

/** A number from 0 up to 1 that depends on the text and the seed alone (FNV-1a, stirred). */
export function dice(text: string, seed: number): number {
  let hash = 2166136261 ^ seed;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Records end at a line break outside quotes. */
function recordsOf(text: string): string[] {
  return (text.match(/(?:"(?:[^"]|"")*"|[^"\n])+/g) ?? []).map((record) => record.replace(/\r$/, ''));
}

function cellsOf(record: string): string[] {
  const cells = `,${record}`.match(/,(?:"(?:[^"]|"")*"|[^,]*)/g) ?? [];
  return cells.map((cell) => cell.slice(1).replace(/^"(.*)"$/s, (_, inner: string) => inner.replaceAll('""', '"')));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
