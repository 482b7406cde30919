// Whatever is done to one place of the books' file, `verify` names the first row that is not as it was posted. A failure prints its
// seed; TAMPER_RUNS sets the number of tamperings (`npm run soak`: 2,000).
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBooks } from '../../pipeline/books.ts';
import { batchColumns, decisionColumns, entryColumns, termsColumns } from '../../pipeline/books-chain.ts';
import type { ChainFault } from '../../pipeline/books-verify.ts';
import { drafts, post } from './books-writer.ts';

const { TAMPER_RUNS = '150' } = process.env;
/** Entries of each batch. */
const BATCHES = [3, 1, 5, 2];
const ENTRIES = 11;
/** The batch of each entry, and each batch's first entry. */
const lastOf = BATCHES.map((_, index) => BATCHES.slice(0, index + 1).reduce((sum, count) => sum + count, 0));

let directory: string;
let clean: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sourced-tamper-'));
  clean = join(directory, 'clean.sqlite');
  const books = openBooks(clean);
  let from = 0;
  for (const [index, count] of BATCHES.entries()) {
    books.decisions.record({
      person: `Dana ${index}`,
      role: 'finance',
      kind: 'statement_approve',
      subject_kind: 'statement',
      subject_id: `statement-${index}`,
      reason: 'checked',
    });
    await post(books, drafts(from, count), { terms: `{"rate":"0.${index + 1}"}` });
    from += count;
  }
  books.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Tampering {
  readonly sql: string;
  readonly table: ChainFault['table'];
  readonly row: bigint;
  readonly problem: 'altered' | 'missing' | 'inserted';
}

const text = new Set([
  'plan',
  'component',
  'partner_id',
  'evidence_ids',
  'deal_id',
  'held_until',
  'hash',
  'entry_id',
  'event_kind',
  'cause_id',
]);
const numbers = new Set([
  'amount_minor',
  'cause_sequence',
  'event_amount_minor',
  'event_base_minor',
  'plan_month',
  'pool_size',
  'reporting_amount_minor',
]);
const sequence = fc.integer({ min: 1, max: ENTRIES });
const editable = [...entryColumns, 'hash'].filter((column) => column !== 'sequence' && column !== 'batch');

const edit = fc.tuple(sequence, fc.constantFrom(...editable)).map(([row, column]): Tampering => {
  const isNumber = numbers.has(column);
  const value = isNumber
    ? `coalesce(${column}, 0) + 1`
    : `coalesce(${column}, '') || '${text.has(column) ? 'x' : ' '}'`;
  return {
    sql: `update ledger_entry set ${column} = ${value} where sequence = ${row}`,
    table: 'ledger_entry',
    row: BigInt(row),
    problem: 'altered',
  };
});

const moved = fc.tuple(sequence, fc.integer({ min: 1, max: BATCHES.length })).map(([row, batch]): Tampering | null =>
  batch === 1 + lastOf.findIndex((last) => row <= last)
    ? null
    : {
        sql: `update ledger_entry set batch = ${batch} where sequence = ${row}`,
        table: 'ledger_entry',
        row: BigInt(row),
        problem: 'altered',
      },
);

const deletion = sequence.map(
  (row): Tampering => ({
    sql: `delete from ledger_entry where sequence = ${row}`,
    table: 'ledger_entry',
    row: BigInt(row),
    problem: 'missing',
  }),
);

const cut = sequence.map(
  (row): Tampering => ({
    sql: `delete from ledger_entry where sequence >= ${row}; delete from posting_batch where first_sequence >= ${row}`,
    table: 'ledger_entry',
    row: BigInt(row),
    problem: 'missing',
  }),
);

const swap = fc.tuple(sequence, sequence).map(([one, other]): Tampering | null => {
  const [first, second] = one < other ? [one, other] : [other, one];
  if (first === second) return null;
  return {
    sql: `update ledger_entry set sequence = -1 where sequence = ${first};
      update ledger_entry set sequence = ${first} where sequence = ${second};
      update ledger_entry set sequence = ${second} where sequence = -1`,
    table: 'ledger_entry',
    row: BigInt(first),
    problem: 'altered',
  };
});

/** A copy of some row under a new id, before another one, with the rows behind moved up, or simply behind the last. */
const insertion = fc.tuple(fc.integer({ min: 1, max: ENTRIES + 1 }), sequence).map(
  ([at, like]): Tampering => ({
    sql: `create temp table forged as select * from ledger_entry where sequence = ${like};
    update ledger_entry set sequence = -sequence - 1 where sequence >= ${at};
    update ledger_entry set sequence = -sequence where sequence < 0;
    update forged set sequence = ${at}, entry_id = 'forged';
    insert into ledger_entry select * from forged`,
    table: 'ledger_entry',
    row: BigInt(at),
    problem: at > ENTRIES ? 'inserted' : 'altered',
  }),
);

const batchEdit = fc
  .tuple(
    fc.integer({ min: 1, max: BATCHES.length }),
    fc.constantFrom(...batchColumns.filter((column) => column !== 'batch' && column !== 'entry_count')),
  )
  .map(([batch, column]): Tampering => {
    const value = column.endsWith('_sequence') ? `${column} + 1` : `${column} || 'x'`;
    return {
      sql: `update posting_batch set ${column} = ${value} where batch = ${batch}`,
      table: 'posting_batch',
      row: BigInt(batch),
      problem: 'altered',
    };
  });

/** Each posting brought a row of these, so that they are as many as postings. */
const beside = fc.constantFrom<[ChainFault['table'], readonly string[]]>(
  ['plan_terms', termsColumns],
  ['decision', decisionColumns],
);
const besideRow = fc.integer({ min: 1, max: BATCHES.length });

const besideEdit = beside
  .chain(([table, columns]) => fc.tuple(fc.constant(table), besideRow, fc.constantFrom(...columns.slice(1), 'hash')))
  .map(([table, row, column]): Tampering => {
    const value = column === 'first_batch' ? `${column} + 100` : `coalesce(${column}, '') || 'x'`;
    return {
      sql: `update ${table} set ${column} = ${value} where sequence = ${row}`,
      table,
      row: BigInt(row),
      problem: 'altered',
    };
  });

const besideDeletion = fc.tuple(beside, besideRow, fc.constantFrom('=', '>=')).map(
  ([[table], row, which]): Tampering => ({
    sql: `delete from ${table} where sequence ${which} ${row}`,
    table,
    row: BigInt(row),
    problem: 'missing',
  }),
);

const besideInsertion = fc.tuple(beside, fc.integer({ min: 1, max: BATCHES.length + 1 }), besideRow).map(
  ([[table], at, like]): Tampering => ({
    sql: `create temp table forged as select * from ${table} where sequence = ${like};
    update ${table} set sequence = -sequence - 1 where sequence >= ${at};
    update ${table} set sequence = -sequence where sequence < 0;
    update forged set sequence = ${at}, ${table === 'decision' ? "decision_id = 'forged'" : "plan_version = '2027-01-01'"};
    insert into ${table} select * from forged`,
    table,
    row: BigInt(at),
    problem: 'altered',
  }),
);

const tampering = fc
  .oneof(edit, edit, moved, deletion, cut, swap, insertion, batchEdit, besideEdit, besideDeletion, besideInsertion)
  .filter((one) => one !== null);

test(`${TAMPER_RUNS} tamperings, each found at its row`, { timeout: 3_600_000 }, () => {
  const path = join(directory, 'tampered.sqlite');
  fc.assert(
    fc.property(tampering, ({ sql, table, row, problem }) => {
      for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
      copyFileSync(clean, path);
      tamper(path, sql);
      const books = openBooks(path);
      const found = books.verify();
      books.close();
      expect(found).toMatchObject({ is_intact: false, fault: { table, row, problem } });
    }),
    { numRuns: Number(TAMPER_RUNS) },
  );
});

function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  for (const table of ['ledger_entry', 'posting_batch', 'plan_terms', 'decision'])
    database.exec(`drop trigger ${table}_is_never_changed; drop trigger ${table}_is_never_deleted;`);
  database.exec('pragma foreign_keys = off');
  database.exec(`begin; ${sql}; commit`);
  database.close();
}
