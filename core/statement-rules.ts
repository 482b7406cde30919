// Which decisions about a statement count after those before them (domain.md §9: the maker of a statement is never its checker).
// Pure, and defined once: the engine folds the books by it, the API and the command line refuse by it.
import type { Approval, Dispute, Standing, StatementDecision } from './statement.ts';

/** Why a decision does not count, and what to do instead. */
export interface Objection {
  readonly message: string;
  readonly hint: string;
}

/** No line waits for an approval, in words. */
export function allDecided(line_count: number): string {
  return line_count === 1
    ? 'its one line is approved or in dispute'
    : `all ${line_count} lines are approved or in dispute`;
}

type Kind = StatementDecision['kind'];
type Asked = Pick<StatementDecision, 'person' | 'line_ids' | 'line_count' | 'digest'>;

/** What stands in the way of a decision, after those that counted; undefined where it counts. */
export function objectionTo(kind: Kind, asked: Asked, standing: Standing): Objection | undefined {
  return rules[kind](asked, standing);
}

const rules: Readonly<Record<Kind, (asked: Asked, standing: Standing) => Objection | undefined>> = {
  statement_approve({ person, line_count, digest }, { approvals, disputes, resolvers }) {
    if (line_count === null || digest === null)
      return { message: 'an approval names no lines that it saw', hint: 'read the statement, then approve its digest' };
    if (isWhole(disputes) || openOf(disputes).length >= line_count)
      return {
        message: 'the statement is in dispute',
        hint: 'resolve the dispute first; then another person approves',
      };
    if (resolvers.includes(person))
      return {
        message: `${person} resolved a dispute of this statement and cannot approve it`,
        hint: otherThan([...new Set(resolvers)]),
      };
    const same = approvals.find((earlier) => earlier.digest === digest && earlier.line_count === line_count);
    return (
      same && {
        message: `${allDecided(line_count)}: ${same.person} approved`,
        hint: 'nothing waits for an approval',
      }
    );
  },
  statement_dispute({ line_ids }, { disputes }) {
    const isHeld = isWhole(disputes) || line_ids?.every((id) => isOpen(disputes, id));
    if (!isHeld) return undefined;
    return {
      message: 'this is in dispute already',
      hint: 'finance resolves it: `sourced statement resolve`, or its page',
    };
  },
  statement_resolve({ person, line_ids }, { approvals, disputes }) {
    const open = openOf(disputes);
    if (isWhole(disputes) && line_ids !== null)
      return {
        message: 'the whole statement is in dispute, not single lines of it',
        hint: 'resolve the whole; a line that stays in question can be disputed again',
      };
    if (line_ids === null ? open.length === 0 : !line_ids.some((id) => isOpen(disputes, id)))
      return { message: 'nothing of this is in dispute', hint: 'see its lines: `sourced statement show`' };
    if (person !== widestOf(approvals)?.person) return undefined;
    return {
      message: `${person} approved this statement and cannot resolve its dispute`,
      hint: 'another person of finance resolves it',
    };
  },
};

/** Where two people resolved disputes of a statement, a third one approves it: its makers are never its checker. */
function otherThan(resolvers: readonly string[]): string {
  if (resolvers.length === 1) return 'another person of finance approves';
  return `somebody of finance who resolved none of its disputes approves: not ${resolvers.join(', ')}; of two people, one resolves all disputes of a statement and the other approves it`;
}

/** What one statement's decisions, in order, amount to; those that an objection stands against change nothing. */
export function standingOf(decisions: readonly StatementDecision[]): Standing {
  return decisions.reduce<Standing>(
    (standing, decision) =>
      objectionTo(decision.kind, decision, standing) ? standing : effects[decision.kind](standing, decision),
    { approvals: [], disputes: [], resolvers: [] },
  );
}

const effects: Readonly<Record<Kind, (standing: Standing, decision: StatementDecision) => Standing>> = {
  statement_approve: (standing, { line_count, digest, day, person }) => ({
    ...standing,
    approvals: [...standing.approvals, { line_count: line_count!, digest: digest!, day, person }],
  }),
  /** A dispute of the whole goes on for the lines that were in dispute before. */
  statement_dispute: (standing, { line_ids, day }) => ({
    ...standing,
    disputes: [
      ...(line_ids === null ? standing.disputes.map((dispute) => endedOn(dispute, day)) : standing.disputes),
      ...(line_ids?.filter((id) => !isOpen(standing.disputes, id)) ?? [null]).map((line_id) => ({
        line_id,
        from_day: day,
        to_day: null,
      })),
    ],
  }),
  statement_resolve: (standing, { line_ids, day, person }) => ({
    ...standing,
    disputes: standing.disputes.map((dispute) =>
      line_ids === null || line_ids.includes(dispute.line_id ?? '') ? endedOn(dispute, day) : dispute,
    ),
    resolvers: [...standing.resolvers, person],
  }),
};

function endedOn(dispute: Dispute, day: number): Dispute {
  return dispute.to_day === null ? { ...dispute, to_day: day } : dispute;
}

function openOf(disputes: readonly Dispute[]): Dispute[] {
  return disputes.filter(({ to_day }) => to_day === null);
}

/** The whole statement is in dispute, lines that are still to come included. */
export function isWhole(disputes: readonly Dispute[]): boolean {
  return openOf(disputes).some(({ line_id }) => line_id === null);
}

/** The line is in dispute, by itself or with the whole statement. */
export function isOpen(disputes: readonly Dispute[], line_id: string): boolean {
  return openOf(disputes).some((dispute) => dispute.line_id === null || dispute.line_id === line_id);
}

/** The first of the approvals that cover the most lines. */
export function widestOf(approvals: readonly Approval[]): Approval | undefined {
  return approvals.reduce<Approval | undefined>(
    (most, one) => (one.line_count > (most?.line_count ?? 0) ? one : most),
    undefined,
  );
}
