// The shared company `attribution` gives its expected tables however its records arrive: shuffled, in other formats, under
// aliases, in batches, with late, conflicting and withdrawn versions.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dbtPython } from '../pipeline/python.ts';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { type Sheets, withDoubles } from './doubles.ts';
import { shared } from './shared.ts';
import { dice, type Row, readSheets, replaceSheets, type Sheet, shuffled, writeLines } from './sheets.ts';
import { asOf, copyOf, currentRelease, runWorkspace, sourced } from './workspace.ts';

const company = shared('cases', 'attribution');

function compare(workspace: string): string {
  const script = join(shared('tools')!, 'compare.py');
  const { stdout, stderr } = spawnSync(
    dbtPython(),
    [script, join(company!, 'expected'), currentRelease(workspace)],
    { encoding: 'utf8' }, //
  );
  return stdout + stderr;
}

const withRows = (sheet: Sheet, rows: readonly Row[]): Sheet => ({ ...sheet, rows });
const withColumns = (sheet: Sheet, ...columns: string[]): Sheet => ({
  ...sheet,
  columns: [...sheet.columns, ...columns],
});

describe.skipIf(!company)('the company `attribution` (skipped where the shared folder is absent)', () => {
  test('shuffled rows and columns, NDJSON and Parquet, repeats, merged accounts and deals', async () => {
    const workspace = copyOf(company!);
    const sheets = repeatedIn(withDoubles(readSheets(workspace), { accounts: 0.2, deals: 0.1 }));
    replaceSheets(
      workspace,
      Object.fromEntries(
        Object.entries(sheets).map(([stream, sheet]) => [
          stream,
          // a ragged row has its id first
          {
            ...withRows(sheet, shuffled(sheet.rows, 1)),
            columns: sheet.ragged.length ? sheet.columns : shuffled(sheet.columns, 1),
          },
        ]),
      ),
    );
    for (const stream of ['leads', 'deal_registrations', 'contacts', 'payments'])
      inOtherFormat(workspace, stream, (path) => writeLines(path, sheets[stream]!));
    await inParquet(workspace, ['touchpoints', 'invoices', 'invoice_lines']);
    await runWorkspace(workspace, { TZ: 'Asia/Kathmandu' });
    expect(compare(workspace)).toMatch(/all equal\s*$/);
  });

  test('in batches: references before what they name, late and conflicting versions, withdrawals that are taken back', async () => {
    const workspace = copyOf(company!);
    const sheets = readSheets(workspace);
    const money = ['invoices', 'invoice_lines', 'payments', 'payment_adjustments', 'fx_rates', 'payouts'];
    const records = Object.fromEntries(Object.entries(sheets).filter(([stream]) => !money.includes(stream)));
    const ingest = () => sourced(['ingest', '--workspace', workspace, '--as-of', asOf(workspace)]);

    // the first half of every stream: other versions of deals, two conflicting ones of some, touches that are withdrawn
    replaceSheets(
      workspace,
      batch(records, (row) => row < 0.5, firstVersions),
    );
    expect((await ingest()).status).toBe(0);
    // the other half, each record in its present version; then what is older than what is known
    replaceSheets(
      workspace,
      batch(records, (row) => row >= 0.5, presentVersions),
    );
    expect((await ingest()).status).toBe(0);
    replaceSheets(
      workspace,
      batch(records, () => true, presentVersions),
    );
    expect((await ingest()).status).toBe(0);
    replaceSheets(workspace, {
      ...batch(records, () => true, lateVersions),
      ...batch(pick(sheets, money), isEarly, conflicting),
    });
    await runWorkspace(workspace);
    // what the first run had of the money is posted; the rest arrives, and what conflicted is cleared
    replaceSheets(workspace, { ...batch(records, () => true, lateVersions), ...pick(sheets, money) });
    await runWorkspace(workspace);
    expect(compare(workspace)).toMatch(/all equal\s*$/);
  });
});

function repeatedIn(sheets: Sheets): Sheets {
  return Object.fromEntries(
    Object.entries(sheets).map(([stream, sheet]) => [stream, withRows(sheet, repeated(sheet.rows))]),
  );
}

/** Every tenth row once more. A repeat is the same in every byte. */
function repeated(rows: readonly Row[]): Row[] {
  return rows.flatMap((row, index) => (index % 10 === 0 ? [row, { ...row }] : [row]));
}

function inOtherFormat(workspace: string, stream: string, write: (path: string) => void): void {
  rmSync(join(workspace, 'sheets', `${stream}.csv`));
  write(join(workspace, 'sheets', `${stream}.ndjson`));
}

async function inParquet(workspace: string, streams: readonly string[]): Promise<void> {
  const database = await openWarehouse(':memory:');
  for (const stream of streams) {
    const path = join(workspace, 'sheets', stream);
    await database.run(
      `COPY (FROM read_csv('${path}.csv', all_varchar := true, header := true, nullstr := '')) TO '${path}.parquet' (FORMAT parquet)`,
    );
    rmSync(`${path}.csv`);
  }
  database.close();
}

function pick(sheets: Sheets, streams: readonly string[]): Sheets {
  return Object.fromEntries(streams.map((stream) => [stream, sheets[stream]!]));
}

type Versions = (stream: string, sheet: Sheet) => Sheet;

/** A part of every stream, in the versions of that moment. Identical rows stay together. */
function batch(sheets: Sheets, isIn: (row: number) => boolean, versions: Versions): Sheets {
  const part = ([stream, sheet]: [string, Sheet]): [string, Sheet] => [
    stream,
    versions(
      stream,
      withRows(
        sheet,
        sheet.rows.filter((row) => isIn(dice(keyOf(row), 3))),
      ),
    ),
  ];
  return Object.fromEntries(Object.entries(sheets).map(part));
}

const keyOf = (row: Row) => Object.values(row)[0]!;
const isGood = (row: Row) => !keyOf(row).startsWith('BAD');
const isEarly = (row: number) => row < 0.6;

const FIRST = '2026-07-02T00:00:00Z';
const LATE = '2026-07-03T00:00:00Z';
const PRESENT = '2026-07-04T00:00:00Z';

/** Some payments with two amounts: neither is taken until the sheet says one thing. */
function conflicting(stream: string, sheet: Sheet): Sheet {
  if (stream !== 'payments') return sheet;
  const isTwice = (row: Row) => isGood(row) && dice(keyOf(row), 6) < 0.1;
  return withRows(
    sheet,
    sheet.rows.flatMap((row) => (isTwice(row) ? [row, { ...row, amount: '1' }] : [row])),
  );
}

/** Deals and touches say when each version was written. */
const dated = (stream: string) => stream === 'deals' || stream === 'touchpoints';
const stamped = (sheet: Sheet, updated_at: string) =>
  withRows(
    withColumns(sheet, 'updated_at', 'is_deleted'),
    sheet.rows.map((row) => ({ ...row, updated_at })),
  );

const presentVersions: Versions = (stream, sheet) => (dated(stream) ? stamped(sheet, PRESENT) : sheet);

function firstVersions(stream: string, sheet: Sheet): Sheet {
  if (!dated(stream)) return sheet;
  const first = stamped(sheet, FIRST);
  const rows = first.rows.filter(isGood).flatMap((row): Row[] => {
    if (stream === 'touchpoints') return [{ ...row, is_deleted: String(dice(keyOf(row), 4) < 0.3) }];
    const other = { ...row, amount: '1', stage: 'early' };
    return dice(keyOf(row), 5) < 0.3 ? [other, { ...other, amount: '2' }] : [other];
  });
  return withRows(first, rows);
}

/** Older than what is known, so history alone. */
function lateVersions(stream: string, sheet: Sheet): Sheet {
  if (!dated(stream)) return sheet;
  const late = stamped(sheet, LATE);
  return withRows(
    late,
    late.rows.filter(isGood).map((row) => ({ ...row, ...(stream === 'deals' ? { amount: '3' } : { kind: 'late' }) })),
  );
}
