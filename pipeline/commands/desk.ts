// What the commands that decide share: the person whose key is in SOURCED_KEY at a desk over the current release and the books.
import type { Command } from 'commander';
import { type Desk, openDesk } from '../ask.ts';
import { type Books, openBooks, type Role } from '../books.ts';
import { openContext, requireRelease } from './context.ts';
import { keyInUse } from './person.ts';

export type DeskContext = { readonly desk: Desk; readonly books: Books; readonly json: boolean };

/** Reads as finance does; whoever can read the workspace can read its books. */
export function readingDesk(command: Command, work: (context: DeskContext) => Promise<void>): Promise<void> {
  return atDesk(command, () => ({ key_id: 'in-process', person: 'reader', role: 'finance', partner_id: null }), work);
}

/** Decides as the person of SOURCED_KEY. Throws UsageError where that is not one of the deciders. */
export function decidingDesk(
  command: Command,
  deciders: readonly Role[],
  work: (context: DeskContext & { readonly role: Role; readonly person: string }) => Promise<void>,
): Promise<void> {
  return atDesk(
    command,
    (books) => keyInUse(books, deciders),
    ({ principal: { role, person }, ...context }) => work({ ...context, role, person }),
  );
}

type Sitting = Parameters<typeof openDesk>[2];

async function atDesk(
  command: Command,
  sit: (books: Books) => Sitting,
  work: (context: DeskContext & { readonly principal: Sitting }) => Promise<void>,
): Promise<void> {
  const { workspace, json } = openContext(command);
  requireRelease(workspace);
  const books = openBooks(workspace.books);
  try {
    const principal = sit(books);
    const desk = await openDesk(workspace.releases, books.decisions, principal);
    try {
      await work({ desk, books, json, principal });
    } finally {
      await desk.close();
    }
  } finally {
    books.close();
  }
}

type Page<Row> = { readonly items: readonly Row[]; readonly next_cursor: string | null };

/** Every row of a list, page by page. */
export async function everyRow<Row>({ get }: Desk, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const url: string = `${path}${path.includes('?') ? '&' : '?'}limit=10000${cursor ? `&cursor=${cursor}` : ''}`;
    const page: Page<Row> = JSON.parse(await get(url)) as Page<Row>;
    rows.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return rows;
}
