// Statements: what a partner earned in a month and currency, and what people decided about it (domain.md §9). The vocabulary: which
// decisions count is statement-rules.ts, how lines then stand is statement-lines.ts.
import type { Decision } from './decision.ts';
import type { DayNumber } from './month.ts';

/** The kinds of decisions about a statement, and who may take them. */
const statementDecisionRoles: Readonly<Record<string, readonly string[]>> = {
  statement_approve: ['finance'],
  statement_dispute: ['finance', 'partner'],
  statement_resolve: ['finance'],
};

/** One decision about a statement that counts; `line_ids` null stands for the whole statement. */
export interface StatementDecision {
  readonly kind: 'statement_approve' | 'statement_dispute' | 'statement_resolve';
  readonly statement_id: string;
  readonly day: DayNumber;
  readonly person: string;
  readonly line_ids: readonly string[] | null;
  /** An approval binds the lines it saw: their number, and the digest over them. */
  readonly line_count: number | null;
  readonly digest: string | null;
}

/** A dispute of one line (null: the whole statement) and the days it lasted. */
export interface Dispute {
  readonly line_id: string | null;
  readonly from_day: DayNumber;
  /** null while it is open. */
  readonly to_day: DayNumber | null;
}

export interface Approval {
  /** The first lines, in the order in which they were posted. */
  readonly line_count: number;
  readonly digest: string;
  readonly day: DayNumber;
  readonly person: string;
}

export interface Standing {
  readonly approvals: readonly Approval[];
  /** No two of them hold a line on the same day. */
  readonly disputes: readonly Dispute[];
  /** Who resolved a dispute. */
  readonly resolvers: readonly string[];
}

/** The decisions of the books that are about statements and were taken by someone who may, in order. */
export function statementDecisions(
  decisions: readonly Decision[],
  dayOf: (instant: string) => DayNumber,
): StatementDecision[] {
  return decisions
    .filter(({ kind, role }) => statementDecisionRoles[kind]?.includes(role))
    .map(({ kind, subject_id, decided_at, person, detail }) => ({
      kind: kind as StatementDecision['kind'],
      statement_id: subject_id,
      day: dayOf(decided_at),
      person,
      line_ids: Array.isArray(detail.line_ids) ? detail.line_ids.map(String) : null,
      line_count: typeof detail.line_count === 'number' ? detail.line_count : null,
      digest: typeof detail.digest === 'string' ? detail.digest : null,
    }));
}

/** What a decision about a statement sees of a line. */
export interface SeenLine {
  readonly line_id: string;
  /** Signed minor units. */
  readonly amount_minor: bigint;
}

/** The text whose SHA-256 (hex) is the digest of a statement's lines, in their order. */
export function digestText(lines: readonly SeenLine[]): string {
  return lines.map(({ line_id, amount_minor }) => `${line_id} ${amount_minor}`).join('\n');
}

export type LineState = 'open' | 'approved' | 'disputed';

export interface LineStanding {
  readonly state: LineState;
  /** Its partner accepted it as it is, and nobody disputed it since. */
  readonly is_accepted: boolean;
}

export interface StatementStanding {
  /** In the order of the lines given. */
  readonly lines: readonly LineStanding[];
  /** Who approved the most lines of it, where that binds. */
  readonly approved_by: string | null;
  /** Who resolved a dispute of it. */
  readonly resolved_by: readonly string[];
  /** The whole of it is in dispute, lines that are still to come included. */
  readonly is_disputed_whole: boolean;
}

export type StatementState = 'draft' | 'approved' | 'disputed' | 'paid';

/** The state of a statement from those of its lines and from what payouts that name it have paid. */
export function stateOf(
  lines: readonly LineStanding[],
  { total_minor, paid_minor }: { readonly total_minor: bigint; readonly paid_minor: bigint },
): StatementState {
  if (lines.some(({ state }) => state === 'disputed')) return 'disputed';
  if (lines.some(({ state }) => state === 'open')) return 'draft';
  return paid_minor >= total_minor && total_minor > 0n ? 'paid' : 'approved';
}
