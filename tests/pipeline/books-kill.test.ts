// kill −9 in the middle of a posting: the books hold the old state, whole, and take the same batch again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBooks } from '../../pipeline/books.ts';
import { drafts, post } from './books-writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sourced-books-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a killed posting leaves nothing behind', { timeout: 30_000 }, async () => {
  const path = join(directory, 'books.sqlite');
  const books = openBooks(path);
  await post(books, drafts(0, 10));
  const head = books.ledger.head();
  books.close();

  const writer = join(import.meta.dirname, 'books-writer.ts');
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');

  const reopened = openBooks(path);
  expect(reopened.ledger.head()).toEqual(head);
  expect(reopened.verify()).toMatchObject({ is_intact: true, entries: 10n });
  await post(reopened, drafts(10, 500));
  expect(reopened.verify()).toMatchObject({ is_intact: true, entries: 510n });
  reopened.close();
});
