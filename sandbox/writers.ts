// CSV files that grow in bounded memory: rows gather in a buffer and leave for the disk whenever it is full.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streamNames, streams } from '../core/streams.ts';

const BUFFER_BYTES = 1 << 18;
const LONGEST_LINE_BYTES = 1 << 13;

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
  // One buffer that is written over: text gathered in a long string would cost more to collect than to write.
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let length = buffer.write(`${columns.join(',')}\n`);
  let rows = 0;
  const flush = () => {
    writeSync(descriptor, buffer, 0, length);
    length = 0;
  };
  return {
    rows: () => rows,
    write(row) {
      let line = '';
      for (let index = 0; index < columns.length; index++) {
        const cell = row[columns[index]!];
        line += index === 0 ? quoted(cell) : `,${quoted(cell)}`;
      }
      if (line.length * 4 > LONGEST_LINE_BYTES) throw new Error(`${path}: a line is longer than the sandbox writes`);
      length += buffer.write(`${line}\n`, length);
      rows++;
      if (length > BUFFER_BYTES - LONGEST_LINE_BYTES) flush();
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
