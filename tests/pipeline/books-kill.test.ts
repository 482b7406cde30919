// kill −9 at random moments of a posting: the books hold the old state or the new one, whole, and the same posting made again leads
// to the same ledger. KILL_RUNS sets the number of kills (`npm run soak`: 100).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Books, openBooks } from '../../pipeline/books.ts';
import { drafts, post } from './books-writer.ts';

const { KILL_RUNS = '6' } = process.env;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sourced-books-'));
  path = join(directory, 'books.sqlite');
  const books = openBooks(path);
  await post(books, drafts(0, 10));
  books.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function startWriter(count: number, isPaused: boolean) {
  const writer = join(import.meta.dirname, 'books-writer.ts');
  const args = [writer, path, String(count), ...(isPaused ? ['pause'] : [])];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

const stateOf = (books: Books) =>
  [...books.ledger.entries()].map(({ entry_id, amount_minor }) => `${entry_id} ${amount_minor}`);

test('a posting killed in its midst leaves nothing behind', async () => {
  const child = startWriter(500, true);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');

  const books = openBooks(path);
  expect(books.verify()).toMatchObject({ is_intact: true, entries: 10n });
  await post(books, drafts(10, 500));
  expect(books.verify()).toMatchObject({ is_intact: true, entries: 510n });
  books.close();
});

// The larger size outgrows SQLite's cache: it has written to the file before it commits.
const kills = Array.from(
  { length: Number(KILL_RUNS) },
  (_, index) => [index, index % 3 === 0 ? 60_000 : 4000] as const,
);

test.each(kills)('kill %i of a posting of %i', async (index, count) => {
  const child = startWriter(count, false);
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  // Golden-ratio steps spread the moments evenly, however many there are.
  await setTimeout(((index * 0.618) % 1) * (count / 30));
  child.kill('SIGKILL');
  await closed;

  const books = openBooks(path);
  const before = stateOf(books).length;
  expect([10, 10 + count]).toContain(before);
  expect(books.verify()).toMatchObject({ is_intact: true, entries: BigInt(before) });
  if (before === 10) await post(books, drafts(10, count));
  expect(books.verify()).toMatchObject({ is_intact: true, entries: BigInt(10 + count) });
  expect(new Set(stateOf(books)).size).toBe(10 + count);
  books.close();
});
