// The sandbox company's people at work: what they decided about statements is recorded in the books, as if month by month.
import { runJob } from '../attribution/job.ts';
import { decideStatements } from '../sandbox/decisions.ts';
import { type Books, openBooks } from './books.ts';
import { readDigests } from './digests.ts';
import type { Step } from './progress.ts';
import type { RunContext } from './run.ts';
import { openWarehouse } from './warehouse.ts';

type Statement = { statement_id: string; line_count: number; digest: string };

/** Records the decisions once; a demo that is run again finds them and adds none. */
export function decisionsStep(context: RunContext, asOf: string): Step {
  return {
    name: 'decide',
    title: 'Approve and dispute statements, as its people did',
    run: async () => {
      let now = asOf;
      const books = openBooks(context.workspace.books, { now: () => Temporal.Instant.from(now) });
      try {
        if (!books.decisions.list().length)
          for (const decision of await decide(context, books, asOf)) {
            now = decision.decided_at;
            books.decisions.record(decision);
          }
        return { decisions: books.decisions.list().length };
      } finally {
        books.close();
      }
    },
  };
}

type Decided = Parameters<Books['decisions']['record']>[0] & { readonly decided_at: string };

/** What they decided, having seen their statements: an approval binds the lines that were seen. */
async function decide(context: RunContext, books: Books, asOf: string): Promise<Decided[]> {
  const statements = await postedStatements(context, books);
  return decideStatements([...statements.keys()], { asOf }).map(({ statement_id, ...decision }) => {
    const { line_count, digest } = statements.get(statement_id)!;
    return {
      ...decision,
      subject_kind: 'statement',
      subject_id: statement_id,
      detail: decision.kind === 'statement_approve' ? { line_count, digest } : {},
    };
  });
}

/**
 * The statements as their readers saw them: earned and posted, not yet paid out. A payout follows its statement's approval, so
 * the payouts (all of them are in the files already) are held back from this first posting.
 */
async function postedStatements(
  { workspace, config, as_of_us }: RunContext,
  books: Books,
): Promise<Map<string, Statement>> {
  const warehouse = await openWarehouse(workspace.warehouse);
  try {
    await warehouse.run(
      'CREATE TEMP TABLE held_back AS FROM checked.checked__payouts; DELETE FROM checked.checked__payouts',
    );
    const { code: code_digest } = readDigests(workspace);
    await runJob({ warehouse, books, config, code_digest, asOf: as_of_us, log: () => {} });
    await warehouse.run('INSERT INTO checked.checked__payouts FROM held_back');
    const rows = await warehouse.rows<Statement>('SELECT statement_id, line_count, digest FROM ledger.statement');
    return new Map(rows.map((row) => [row.statement_id, row]));
  } finally {
    warehouse.close();
  }
}
