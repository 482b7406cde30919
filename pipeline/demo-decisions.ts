// The sandbox company's people at work: what they decided about statements is recorded in the books, as if month by month.
import { decideStatements } from '../sandbox/decisions.ts';
import { openBooks } from './books.ts';
import type { Counts, Step } from './progress.ts';
import { openWarehouse } from './warehouse.ts';
import type { Workspace } from './workspace.ts';

type Statement = { statement_id: string; line_count: number; digest: string };

/** Records the decisions once; a demo that is run again finds them and adds none. */
export function decisionsStep(workspace: Workspace, asOf: string): Step {
  return {
    name: 'decide',
    title: 'Approve and dispute statements, as its people did',
    run: async (): Promise<Counts> => {
      const statements = await readStatements(workspace);
      let decided_at = asOf;
      const books = openBooks(workspace.books, { now: () => Temporal.Instant.from(decided_at) });
      try {
        const known = books.decisions.list().length;
        if (known) return { decisions: known };
        for (const decision of decideStatements([...statements.keys()], { asOf })) {
          decided_at = decision.decided_at;
          const { line_count, digest } = statements.get(decision.statement_id)!;
          books.decisions.record({
            person: decision.person,
            role: decision.role,
            kind: decision.kind,
            subject_kind: 'statement',
            subject_id: decision.statement_id,
            reason: decision.reason,
            // An approval binds the lines that were seen.
            detail: decision.kind === 'statement_approve' ? { line_count, digest } : {},
          });
        }
        return { decisions: books.decisions.list().length };
      } finally {
        books.close();
      }
    },
  };
}

async function readStatements(workspace: Workspace): Promise<Map<string, Statement>> {
  const warehouse = await openWarehouse(workspace.warehouse);
  const rows = await warehouse.rows<Statement>('SELECT statement_id, line_count, digest FROM ledger.statement');
  warehouse.close();
  return new Map(rows.map((row) => [row.statement_id, row]));
}
