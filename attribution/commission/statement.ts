// Statements: what a partner earned in a month and currency, and what people decided about it (domain.md §9). Pure.
import type { DayNumber } from '../../core/month.ts';
import type { Decision } from './books-port.ts';

/** The kinds of decisions about a statement, and who may take them. */
export const statementDecisionRoles: Readonly<Record<string, readonly string[]>> = {
  statement_approve: ['finance'],
  statement_dispute: ['finance', 'partner'],
  statement_resolve: ['finance'],
};

/** A partner's statement of one month (YYYY-MM) and currency. */
export function statementId(partner_id: string, month: string, currency: string): string {
  return `statement:${partner_id}:${month}:${currency}`;
}

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
  readonly disputes: readonly Dispute[];
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

/**
 * What one statement's decisions, in order, amount to. A dispute ends with its resolution; who resolved the statement last is
 * not the one who approves it (maker ≠ checker), so such an approval does not count.
 */
export function standingOf(decisions: readonly StatementDecision[]): Standing {
  const approvals: Approval[] = [];
  const disputes: { line_id: string | null; from_day: DayNumber; to_day: DayNumber | null }[] = [];
  let resolver: string | undefined;
  for (const { kind, day, person, line_ids, line_count, digest } of decisions) {
    const lines = line_ids ?? [null];
    if (kind === 'statement_dispute')
      for (const line_id of lines) disputes.push({ line_id, from_day: day, to_day: null });
    if (kind === 'statement_resolve') {
      resolver = person;
      for (const dispute of disputes)
        if (dispute.to_day === null && (line_ids === null || line_ids.includes(dispute.line_id ?? '')))
          dispute.to_day = day;
    }
    if (kind === 'statement_approve' && person !== resolver && line_count !== null && digest !== null)
      approvals.push({ line_count, digest, day, person });
  }
  return { approvals, disputes };
}
