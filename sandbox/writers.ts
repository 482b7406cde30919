// CSV files that grow in bounded memory: rows gather in a buffer and leave for the disk whenever it is full.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streamNames, streams } from '../core/streams.ts';

const BUFFER_CHARACTERS = 1 << 20;

export type Cell = string | undefined;
export type Row = Readonly<Record<string, Cell>>;

export type CsvFile = {
  readonly rows: () => number;
  write(row: Row): void;
  close(): void;
};

/** A CSV file with a header; cells that hold a comma, a quote or a line break are quoted. */
export function createCsv(path: string, columns: readonly string[]): CsvFile {
  const descriptor = openSync(path, 'w');
  let buffer = `${columns.join(',')}\n`;
  let rows = 0;
  const flush = () => {
    if (buffer) writeSync(descriptor, buffer);
    buffer = '';
  };
  return {
    rows: () => rows,
    write(row) {
      let line = '';
      for (let index = 0; index < columns.length; index++) {
        const cell = row[columns[index]!];
        line += index === 0 ? quoted(cell) : `,${quoted(cell)}`;
      }
      buffer += `${line}\n`;
      rows++;
      if (buffer.length > BUFFER_CHARACTERS) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

const needsQuotes = /[",\n\r]/;

function quoted(cell: Cell): string {
  if (cell === undefined) return '';
  return needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export type Sheets = {
  write(stream: StreamName, row: Row): void;
  /** Rows written so far to each stream. */
  counts(): Record<StreamName, number>;
  close(): void;
};

/** One CSV file for each canonical stream, in `directory`. */
export function createSheets(directory: string): Sheets {
  mkdirSync(directory, { recursive: true });
  const files = Object.fromEntries(
    streamNames.map((name) => [
      name,
      createCsv(
        join(directory, `${name}.csv`),
        streams[name].columns.map((column) => column.name),
      ),
    ]),
  ) as Record<StreamName, CsvFile>;
  return {
    write: (stream, row) => files[stream].write(row),
    counts: () =>
      Object.fromEntries(streamNames.map((name) => [name, files[name].rows()])) as Record<StreamName, number>,
    close: () => {
      for (const name of streamNames) files[name].close();
    },
  };
}
