import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EntryDraft, LedgerHead } from '../../attribution/commission/books-port.ts';
import { type Books, openBooks } from '../../pipeline/books.ts';
import { type ChainRow, decisionColumns, genesis, link, termsColumns } from '../../pipeline/books-chain.ts';
import { schemaVersion } from '../../pipeline/books-schema.ts';
import { draft } from './books-draft.ts';
import { writeBooksOfBefore } from './books-of-before.ts';

let directory: string;
let path: string;
let books: Books;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sourced-books-'));
  path = join(directory, '.sourced', 'books.sqlite');
  books = openBooks(path);
});

afterEach(() => {
  books.close();
  rmSync(directory, { recursive: true, force: true });
});

function postAll(
  entries: EntryDraft[],
  {
    into = books,
    expected_head = into.ledger.head(),
    terms = '{}',
  }: { into?: Books; expected_head?: LedgerHead; terms?: string } = {},
): Promise<LedgerHead> {
  const plan_terms = [{ plan: 'referral', plan_version: '2026-01-01', terms }];
  return into.ledger.post({
    entries,
    entry_count: entries.length,
    plan_terms,
    expected_head,
    as_of: '2026-04-01T00:00:00Z',
  });
}

function post(from: number, to: number, into = books): Promise<LedgerHead> {
  return postAll(
    Array.from({ length: to - from + 1 }, (_, index) => draft(from + index)),
    { into },
  );
}

/** Someone with the file in hand: triggers dropped, rows edited. */
function tamper(sql: string): void {
  const database = new DatabaseSync(path);
  for (const table of ['ledger_entry', 'posting_batch', 'plan_terms', 'decision'])
    database.exec(`drop trigger ${table}_is_never_changed; drop trigger ${table}_is_never_deleted;`);
  database.exec('pragma foreign_keys = off');
  database.exec(sql);
  database.close();
}

describe('the ledger', () => {
  test('gives back what was posted, in order, with amounts beyond 2^53', async () => {
    const large = draft(1, {
      amount_minor: 9_007_199_254_740_993n,
      reporting_amount_minor: null,
      held_until: '2026-05-01',
      role: 'influenced',
      pool_size: 3,
      event_amount_minor: null,
      plan_month: null,
    });
    await postAll([large, draft(2)]);
    const [first, second] = [...books.ledger.entries()];
    expect(first).toMatchObject({ ...large, sequence: 1n, batch: 1n });
    expect(second).toMatchObject({ ...draft(2), sequence: 2n });
    expect([...books.ledger.entries(1n)].map((entry) => entry.entry_id)).toEqual(['entry-2']);
    expect(books.ledger.head()).toEqual({ sequence: 2n, hash: second!.hash });
  });

  test('posts all of a batch or nothing: an entry that debits what it credits', async () => {
    await post(1, 3);
    await expect(postAll([draft(4), draft(5, { credit_account: draft(5).debit_account })])).rejects.toThrow(/check/i);
    expect([...books.ledger.entries()]).toHaveLength(3);
    expect(books.verify()).toMatchObject({ is_intact: true, entries: 3n });
  });

  test('refuses entries that were computed against an older ledger', async () => {
    const expected_head = books.ledger.head();
    await post(1, 1);
    await expect(postAll([draft(2)], { expected_head })).rejects.toThrow(/moved/);
  });

  test('refuses a batch of another size than announced', async () => {
    const request = { plan_terms: [], expected_head: books.ledger.head(), as_of: '2026-04-01T00:00:00Z' };
    await expect(books.ledger.post({ ...request, entries: [draft(1)], entry_count: 2 })).rejects.toThrow(/announced/);
    expect(books.ledger.head().sequence).toBe(0n);
  });

  test('an empty batch writes nothing', async () => {
    const head = books.ledger.head();
    expect(await postAll([])).toEqual(head);
  });

  test('keeps the terms of a plan version as they were at its first entry, and from when on others stood', async () => {
    await post(1, 1);
    const other = { plan: 'referral', plan_version: '2026-01-01', terms: '{"rate":"0.99"}' };
    await books.ledger.post({
      entries: [draft(2)],
      entry_count: 1,
      plan_terms: [other],
      expected_head: books.ledger.head(),
      as_of: '2026-04-01T00:00:00Z',
    });
    await post(3, 3);
    await post(4, 4);
    expect(books.ledger.planTerms().map(({ first_batch, terms }) => `${first_batch} ${terms}`)).toEqual([
      '1 {}',
      '2 {"rate":"0.99"}',
      '3 {}',
    ]);
  });

  test.each([
    ['update ledger_entry set amount_minor = 1', /append-only/],
    ['delete from ledger_entry', /append-only/],
    ['delete from posting_batch', /append-only/],
    ['delete from plan_terms', /append-only/],
    [
      "insert into ledger_entry select 9, batch, 'x', entry_type, 'cash', 'cash', partner_id, amount_minor, currency, null, 'USD', effective_date, posted_month, origin_month, null, null, null, null, null, null, null, null, 'e', 'e', 'c', 1, null, '[]', '', null, null, null, null from ledger_entry limit 1",
      /check/i,
    ],
  ])('the file itself refuses: %s', async (sql, message) => {
    await post(1, 2);
    const database = new DatabaseSync(path);
    expect(() => database.exec(sql)).toThrow(message);
    database.close();
  });

  test('two processes may hold the file: the reader sees each batch whole', async () => {
    const other = openBooks(path);
    await post(1, 2);
    expect([...other.ledger.entries()]).toHaveLength(2);
    await post(3, 4, other);
    expect(books.ledger.head().sequence).toBe(4n);
    other.close();
  });

  test('is readable by its owner alone', () => {
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test.each([1, 2, 3, 4, 5])(
    'a file of schema %i is brought up, with every entry, its terms and its chains',
    async (schema) => {
      books.close();
      path = join(directory, 'old.sqlite');
      writeBooksOfBefore(path, schema);
      books = openBooks(path);
      expect(books.verify()).toMatchObject({ is_intact: true, entries: 3n, decisions: 1n });
      await post(4, 5);
      expect(books.verify()).toMatchObject({ is_intact: true, entries: 5n });
      expect(books.ledger.planTerms()).toMatchObject([
        { first_batch: schema < 3 ? 0n : 1n, terms: '{}' },
        { first_batch: schema < 3 ? 0n : 2n, terms: '{"rate":"0.15"}' },
      ]);
      for (const table of ['ledger_entry', 'plan_terms'])
        expect(() => changeOf(`delete from ${table}`)).toThrow(/append-only/);
      tamper("update plan_terms set terms = '{}'");
      expect(books.verify()).toMatchObject({ fault: { table: 'plan_terms', row: 2n, id: 'reseller@2026-02-01' } });
    },
  );

  test('a file of a later schema is refused, not guessed at', () => {
    books.close();
    const database = new DatabaseSync(path);
    database.exec('pragma user_version = 99');
    database.close();
    expect(() => openBooks(path)).toThrow(/newer/);
    const reset = new DatabaseSync(path);
    reset.exec(`pragma user_version = ${schemaVersion}`);
    reset.close();
    books = openBooks(path);
  });
});

function changeOf(sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

describe('verify names the first bad row', () => {
  beforeEach(async () => {
    await post(1, 4);
    await post(5, 9);
  });

  test('an untouched ledger is intact, as often as one asks', () => {
    expect(books.verify()).toEqual({ is_intact: true, entries: 9n, decisions: 0n, head: books.ledger.head() });
    expect(books.verify([books.ledger.head()])).toMatchObject({ is_intact: true });
  });

  const entry = (row: bigint, problem: string, id: string | null = `entry-${row}`) => ({
    is_intact: false,
    fault: { table: 'ledger_entry', row, id, problem },
  });

  test.each([
    [
      'an edited amount',
      'update ledger_entry set amount_minor = amount_minor + 1 where sequence = 6',
      entry(6n, 'altered'),
    ],
    [
      'an edited note of evidence',
      "update ledger_entry set evidence_ids = '[]' where sequence = 2",
      entry(2n, 'altered'),
    ],
    ['a deleted row', 'delete from ledger_entry where sequence = 3', entry(3n, 'missing', null)],
    [
      'a row put in, the others moved up',
      `update ledger_entry set sequence = -sequence - 1 where sequence >= 3;
       update ledger_entry set sequence = -sequence where sequence < 0;
       create temp table copy as select * from ledger_entry where sequence = 2;
       update copy set sequence = 3, entry_id = 'forged';
       insert into ledger_entry select * from copy;`,
      entry(3n, 'altered', 'forged'),
    ],
    [
      'a row put in at the end',
      `create temp table copy as select * from ledger_entry where sequence = 9;
       update copy set sequence = 10, entry_id = 'forged';
       insert into ledger_entry select * from copy;`,
      entry(10n, 'inserted', 'forged'),
    ],
    [
      'a row put in before the first',
      `create temp table copy as select * from ledger_entry where sequence = 9;
       update copy set sequence = 0, entry_id = 'forged';
       insert into ledger_entry select * from copy;`,
      entry(0n, 'inserted', 'forged'),
    ],
    [
      'two rows changed places',
      `update ledger_entry set sequence = -7 where sequence = 7;
       update ledger_entry set sequence = 7 where sequence = 8;
       update ledger_entry set sequence = 8 where sequence = -7;`,
      entry(7n, 'altered', 'entry-8'),
    ],
    ['a cut tail of entries', 'delete from ledger_entry where sequence > 7', entry(8n, 'missing', null)],
    [
      'a cut tail of entries and batches',
      'delete from ledger_entry where sequence > 4; delete from posting_batch where batch = 2',
      entry(5n, 'missing', null),
    ],
    [
      'an edited batch',
      "update posting_batch set as_of = '2020-01-01T00:00:00Z' where batch = 2",
      { is_intact: false, fault: { table: 'posting_batch', row: 2n, id: null, problem: 'altered' } },
    ],
    [
      'a deleted batch',
      'delete from posting_batch where batch = 1',
      { is_intact: false, fault: { table: 'posting_batch', row: 1n, id: null, problem: 'missing' } },
    ],
  ])('%s', (_, sql, expected) => {
    tamper(sql);
    expect(books.verify()).toEqual(expected);
  });

  test('a cut tail with its head moved back: found by a head that a release wrote down', () => {
    const noted = books.ledger.head();
    const earlier = [...books.ledger.entries()][3]!;
    tamper(
      `delete from ledger_entry where sequence > 4; delete from posting_batch where batch = 2;
       update chain_head set sequence = 4, hash = '${earlier.hash}' where chain = 'ledger';`,
    );
    expect(books.verify()).toMatchObject({ is_intact: true });
    expect(books.verify([noted])).toEqual(entry(9n, 'missing', null));
  });

  test('a whole chain computed anew: found by a head that a release wrote down', async () => {
    const noted = books.ledger.head();
    books.close();
    rmSync(join(directory, '.sourced'), { recursive: true });
    books = openBooks(path);
    await post(1, 9);
    expect(books.verify()).toMatchObject({ is_intact: true });
    expect(books.verify([noted])).toEqual(entry(9n, 'altered', null));
  });

  test('decisions have a chain of their own', () => {
    for (const reason of ['one', 'two', 'three']) books.decisions.record(decision({ reason }));
    tamper("update decision set person = 'Mallory' where sequence = 2");
    const second = books.decisions.list()[1]!.decision_id;
    expect(books.verify()).toEqual({
      is_intact: false,
      fault: { table: 'decision', row: 2n, id: second, problem: 'altered' },
    });
  });
});

describe('verify names the first bad row of what postings rest on', () => {
  const fault = (table: string, row: bigint, id: string | null, problem: string) => ({
    is_intact: false,
    fault: { table, row, id, problem },
  });
  const second = 'referral@2026-01-01';

  beforeEach(async () => {
    for (const [index, terms] of ['{"rate":"0.1"}', '{"rate":"0.2"}', '{"rate":"0.3"}'].entries()) {
      books.decisions.record(decision({ reason: `number ${index + 1}` }));
      await postAll([draft(index + 1)], { terms });
    }
    books.decisions.record(decision({ reason: 'number 4' }));
  });

  test('untouched, they are intact', () => {
    expect(books.verify()).toMatchObject({ is_intact: true, entries: 3n, decisions: 4n });
  });

  test.each([
    [
      'edited terms',
      `update plan_terms set terms = '{"rate":"0.9"}' where sequence = 2`,
      fault('plan_terms', 2n, second, 'altered'),
    ],
    [
      'terms that stand from another posting on',
      'update plan_terms set first_batch = 4 where sequence = 2',
      fault('plan_terms', 2n, second, 'altered'),
    ],
    ['deleted terms', 'delete from plan_terms where sequence = 2', fault('plan_terms', 2n, null, 'missing')],
    ['the last terms cut off', 'delete from plan_terms where sequence = 3', fault('plan_terms', 3n, null, 'missing')],
    [
      'terms put in',
      `insert into plan_terms values (4, 'referral', '2026-01-01', 4, '{}', '')`,
      fault('plan_terms', 4n, second, 'altered'),
    ],
    ['a decision cut off', 'delete from decision where sequence = 4', fault('decision', 4n, null, 'missing')],
    [
      'a posting that no longer says what it saw',
      'update posting_batch set terms_hash = null, terms_sequence = null where batch = 3',
      fault('posting_batch', 3n, null, 'altered'),
    ],
  ])('%s', (_, sql, expected) => {
    tamper(sql);
    expect(books.verify()).toEqual(expected);
  });

  /** Somebody who knows how the chain is made, and writes the rest of it anew from one row on. */
  function rewrite(table: 'plan_terms' | 'decision', columns: readonly string[], sql: string): void {
    tamper(sql);
    const database = new DatabaseSync(path, { readBigInts: true });
    let end = { sequence: 0n, hash: genesis };
    for (const row of database.prepare(`select * from ${table} order by sequence`).all() as ChainRow[]) {
      end = { sequence: row.sequence as bigint, hash: link(end.hash, columns, row) };
      database.prepare(`update ${table} set hash = ? where sequence = ?`).run(end.hash, end.sequence);
    }
    const chain = table === 'plan_terms' ? 'terms' : 'decision';
    database.prepare('update chain_head set sequence = ?, hash = ? where chain = ?').run(end.sequence, end.hash, chain);
    database.close();
  }

  test.each([
    [
      'edited',
      `update plan_terms set terms = '{"rate":"0.9"}' where sequence = 2`,
      fault('plan_terms', 2n, null, 'altered'),
    ],
    ['cut off', 'delete from plan_terms where sequence = 3', fault('plan_terms', 3n, null, 'missing')],
    [
      'put in',
      `insert into plan_terms values (4, 'referral', '2026-01-01', 4, '{}', '')`,
      fault('plan_terms', 4n, null, 'inserted'),
    ],
  ])('terms %s and their chain written anew: the postings saw another one', (_, sql, expected) => {
    rewrite('plan_terms', termsColumns, sql);
    expect(books.verify()).toEqual(expected);
  });

  test.each([
    ['edited', "update decision set person = 'Mallory' where sequence = 2", fault('decision', 2n, null, 'altered')],
    ['cut off', 'delete from decision where sequence >= 3', fault('decision', 3n, null, 'missing')],
  ])('decisions %s and their chain written anew: the postings saw another one', (_, sql, expected) => {
    rewrite('decision', decisionColumns, sql);
    expect(books.verify()).toEqual(expected);
  });

  test('is of one moment: what another process writes meanwhile is no fault', () => {
    const other = openBooks(path);
    const noted = {
      get sequence() {
        other.decisions.record(decision({ reason: 'meanwhile' }));
        return books.ledger.head().sequence;
      },
      hash: books.ledger.head().hash,
    };
    expect(books.verify([noted])).toMatchObject({ is_intact: true, decisions: 4n });
    other.close();
  });
});

function decision(changes: Partial<Parameters<Books['decisions']['record']>[0]> = {}) {
  return {
    person: 'Dana',
    role: 'finance',
    kind: 'statement_approve',
    subject_kind: 'statement',
    subject_id: 'statement:crm:P-1:2026-03:USD',
    reason: 'checked against billing',
    ...changes,
  };
}

describe('decisions', () => {
  test('are written once with who, why and when', () => {
    const recorded = books.decisions.record(decision({ detail: { lines: ['entry-1'] } }));
    expect(recorded).toMatchObject({ sequence: 1n, person: 'Dana', detail: { lines: ['entry-1'] } });
    expect(books.decisions.list()).toEqual([recorded]);
  });

  test('the same idempotency key gives the first decision again; with other content it is refused', () => {
    const first = books.decisions.record(decision({ idempotency_key: 'k-1' }));
    expect(books.decisions.record(decision({ idempotency_key: 'k-1' }))).toEqual(first);
    expect(() => books.decisions.record(decision({ idempotency_key: 'k-1', reason: 'other' }))).toThrow(
      /another decision/,
    );
    expect(books.decisions.record(decision({ idempotency_key: 'k-1', person: 'Erin' })).sequence).toBe(2n);
    expect(books.decisions.list()).toHaveLength(2);
  });
});

describe('keys', () => {
  test('a secret finds its key until it is revoked; the file holds no secret', () => {
    const { key, secret } = books.keys.create({ person: 'Dana', role: 'finance' });
    expect(books.keys.find(secret)).toEqual(key);
    expect(books.keys.find(`${secret}x`)).toBeUndefined();
    expect(JSON.stringify(new DatabaseSync(path).prepare('select * from access_key').all())).not.toContain(secret);
    expect(books.keys.revoke(key.key_id)).toBe(true);
    expect(books.keys.revoke(key.key_id)).toBe(false);
    expect(books.keys.find(secret)).toBeUndefined();
    expect(books.keys.list()).toMatchObject([
      { key_id: key.key_id, person: 'Dana', role: 'finance', partner_id: null },
    ]);
  });

  test('a partner key names its partner, and no other key does', () => {
    expect(books.keys.create({ person: 'Pat', role: 'partner', partner_id: 'crm:P-1' }).key.partner_id).toBe('crm:P-1');
    expect(() => books.keys.create({ person: 'Pat', role: 'partner' })).toThrow();
    expect(() => books.keys.create({ person: 'Dana', role: 'finance', partner_id: 'crm:P-1' })).toThrow();
  });
});
