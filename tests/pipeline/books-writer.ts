// Posts entries to books; run as a program it says when it begins, or stops in the middle of a batch and says so, to be killed.
import { setTimeout } from 'node:timers/promises';
import type { EntryDraft } from '../../attribution/commission/books-port.ts';
import { type Books, openBooks } from '../../pipeline/books.ts';
import { draft } from './books-draft.ts';

/** From number 0 on; some with what an event moved and some without, none with a rate. */
export function drafts(from: number, count: number): EntryDraft[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return draft(number, {
      amount_minor: BigInt(number + 1),
      reporting_amount_minor: null,
      event_amount_minor: number % 2 ? null : 125_000n,
      plan_month: number % 4 ? null : 3,
      event_currency: number % 8 ? null : 'EUR',
    });
  });
}

interface PostOptions {
  readonly terms?: string;
  readonly pause?: () => Promise<void>;
}

export async function post(
  books: Books,
  entries: readonly EntryDraft[],
  { terms, pause }: PostOptions = {},
): Promise<void> {
  async function* paced(): AsyncGenerator<EntryDraft> {
    for (const [index, entry] of entries.entries()) {
      if (index === entries.length / 2) await pause?.();
      yield entry;
    }
  }
  await books.ledger.post({
    entries: paced(),
    entry_count: entries.length,
    plan_terms: terms === undefined ? [] : [{ plan: 'referral', plan_version: '2026-01-01', terms }],
    expected_head: books.ledger.head(),
    as_of: '2026-04-01T00:00:00Z',
  });
}

if (process.argv[2] && import.meta.filename === process.argv[1]) {
  const [path, count, isPaused] = process.argv.slice(2);
  const books = openBooks(path!);
  const entries = drafts(10, Number(count));
  if (!isPaused) process.stdout.write('begins\n');
  const pause = async () => {
    if (!isPaused) return;
    process.stdout.write('half\n');
    await setTimeout(60_000);
  };
  await post(books, entries, { pause });
}
