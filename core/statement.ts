// Statements: what a partner earned in a month and currency, and what people decided about it (domain.md §9). Pure: the engine
// posts by it, the API shows by it.
import type { Decision } from './decision.ts';
import type { DayNumber } from './month.ts';

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
  /** Who resolved its last dispute. */
  readonly resolved_by: string | null;
  /** The whole of it is in dispute, lines that are still to come included. */
  readonly is_disputed_whole: boolean;
}

export interface StandingInput {
  /** Every line of the statement, in the order of posting. */
  readonly lines: readonly SeenLine[];
  /** Every decision about it, in order. */
  readonly decisions: readonly Decision[];
  /** SHA-256 of a text, hex. */
  readonly digestOf: (text: string) => string;
}

/** How each line stands after all decisions: what the next run will post by. */
export function standingOfLines({ lines, decisions, digestOf }: StandingInput): StatementStanding {
  const { approvals, disputes } = standingOf(statementDecisions(decisions, () => 0));
  const prefix = (count: number) => digestOf(digestText(lines.slice(0, count)));
  const binding = approvals.filter(
    ({ line_count, digest }) => line_count <= lines.length && prefix(line_count) === digest,
  );
  const approved = binding.reduce((most, one) => (one.line_count > (most?.line_count ?? 0) ? one : most), binding[0]);
  const open = disputes.filter(({ to_day }) => to_day === null);
  const isWhole = open.some(({ line_id }) => line_id === null);
  const disputed = new Set(open.map(({ line_id }) => line_id));
  const accepted = acceptedLines(lines, decisions, prefix);
  return {
    lines: lines.map(({ line_id }, index) => {
      const isDisputed = isWhole || disputed.has(line_id);
      const isApproved = index < (approved?.line_count ?? 0);
      return {
        state: isDisputed ? 'disputed' : isApproved ? 'approved' : 'open',
        is_accepted: !isDisputed && accepted.has(line_id),
      };
    }),
    approved_by: approved?.person ?? null,
    resolved_by:
      decisions.findLast(({ kind, role }) => kind === 'statement_resolve' && role === 'finance')?.person ?? null,
    is_disputed_whole: isWhole,
  };
}

/** Lines that the partner accepted after the last dispute of them; an acceptance binds the lines that it saw. */
function acceptedLines(
  lines: readonly SeenLine[],
  decisions: readonly Decision[],
  prefix: (count: number) => string,
): ReadonlySet<string> {
  const accepted = new Set<string>();
  for (const { kind, role, detail } of decisions) {
    const named = Array.isArray(detail.line_ids) ? detail.line_ids.map(String) : null;
    if (kind === 'statement_dispute')
      for (const id of named ?? lines.map(({ line_id }) => line_id)) accepted.delete(id);
    if (kind !== 'statement_accept' || role !== 'partner') continue;
    const count = Number(detail.line_count ?? 0);
    if (count > lines.length || prefix(count) !== detail.digest) continue;
    const seen = lines.slice(0, count).map(({ line_id }) => line_id);
    for (const id of named ?? seen) if (seen.includes(id)) accepted.add(id);
  }
  return accepted;
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
