// How the lines of a statement stand after people's decisions, and which action they then allow: what API and command line show and
// refuse. Pure; which decisions count is statement-rules.ts.
import type { Decision } from './decision.ts';
import { exitStatus, SourcedError } from './errors.ts';
import { digestText, type SeenLine, type StatementStanding, statementDecisions, stateOf } from './statement.ts';
import { allDecided, isOpen, isWhole, objectionTo, standingOf, widestOf } from './statement-rules.ts';

const statementActions = ['approve', 'dispute', 'resolve', 'accept'] as const;
export type StatementAction = (typeof statementActions)[number];

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
  const { approvals, disputes, resolvers } = standingOf(statementDecisions(decisions, () => 0));
  const prefix = (count: number) => digestOf(digestText(lines.slice(0, count)));
  const approved = widestOf(
    approvals.filter(({ line_count, digest }) => line_count <= lines.length && prefix(line_count) === digest),
  );
  const accepted = acceptedLines(lines, decisions, prefix);
  return {
    lines: lines.map(({ line_id }, index) => {
      const isDisputed = isOpen(disputes, line_id);
      const isApproved = index < (approved?.line_count ?? 0);
      return {
        state: isDisputed ? 'disputed' : isApproved ? 'approved' : 'open',
        is_accepted: !isDisputed && accepted.has(line_id),
      };
    }),
    approved_by: approved?.person ?? null,
    resolved_by: resolvers,
    is_disputed_whole: isWhole(disputes),
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

export interface StatementSeen {
  readonly statement_id: string;
  /** In the order of posting. */
  readonly lines: readonly SeenLine[];
  readonly total_minor: bigint;
  /** By payouts that name it. */
  readonly paid_minor: bigint;
  /** SHA-256 of a text, hex. */
  readonly digestOf: (text: string) => string;
}

export interface ActionRequest {
  readonly action: StatementAction;
  readonly person: string;
  /** Null: the whole statement. */
  readonly line_ids: readonly string[] | null;
  /** What approve and accept bind: the digest that the person saw. */
  readonly digest: string | null;
}

/** Throws SourcedError `decision_refused` or `statement_changed` where the action is not allowed after these decisions. */
export function requireAllowed(seen: StatementSeen, request: ActionRequest, about: readonly Decision[]): void {
  requireKnownLines(seen, request);
  requireSameLines(seen, request);
  const standing = standingOfLines({ ...seen, decisions: about });
  if (request.action === 'dispute' && stateOf(standing.lines, seen) === 'paid')
    throw refused(
      'the statement is paid, and a paid line is never edited',
      'a correction comes as a line of a later statement: ask finance for it, naming the line',
    );
  if (request.action !== 'accept') requireCounted(seen, { ...request, action: request.action }, about);
  if (request.action === 'approve') requireOpenLines(seen, standing);
  if (request.action === 'accept') requireAcceptable(seen, request, standing);
}

function requireCounted(
  { lines }: StatementSeen,
  { action, ...asked }: ActionRequest & { readonly action: Exclude<StatementAction, 'accept'> },
  about: readonly Decision[],
): void {
  const standing = standingOf(statementDecisions(about, () => 0));
  const objection = objectionTo(`statement_${action}`, { ...asked, line_count: lines.length }, standing);
  if (objection) throw refused(objection.message, objection.hint);
}

function requireOpenLines({ lines }: StatementSeen, { lines: states, approved_by }: StatementStanding): void {
  if (states.some(({ state }) => state === 'open')) return;
  throw refused(
    `${allDecided(lines.length)}${approved_by ? `: ${approved_by} approved` : ''}`,
    'nothing waits for an approval',
  );
}

function requireAcceptable(
  { lines }: StatementSeen,
  { line_ids }: ActionRequest,
  { lines: states }: StatementStanding,
): void {
  const wanted = states.filter((_, index) => line_ids === null || line_ids.includes(lines[index]!.line_id));
  if (wanted.some(({ state }) => state === 'disputed'))
    throw refused('a line of this is in dispute', 'it can be accepted once finance has resolved the dispute');
  if (wanted.every(({ is_accepted }) => is_accepted)) throw refused('this is accepted already');
}

function requireKnownLines({ statement_id, lines }: StatementSeen, { line_ids }: ActionRequest): void {
  const known = new Set(lines.map(({ line_id }) => line_id));
  const unknown = (line_ids ?? []).filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new SourcedError(
      'not_found',
      exitStatus.usage,
      `the statement ${statement_id} has no line ${unknown.join(', ')}`,
      'take the ids of its lines as they are shown',
    );
}

/** An approval or acceptance binds the lines that were seen: those must still be the lines that stand. */
function requireSameLines({ lines, digestOf }: StatementSeen, { action, digest }: ActionRequest): void {
  if (action !== 'approve' && action !== 'accept') return;
  const current = digestOf(digestText(lines));
  if (digest !== current)
    throw new SourcedError(
      'statement_changed',
      exitStatus.usage,
      `the statement is not the one that was seen: it has ${lines.length === 1 ? 'one line' : `${lines.length} lines`} now, with the digest ${current}`,
      'read it again, then decide on the new digest',
    );
}

function refused(message: string, hint?: string): SourcedError {
  return new SourcedError('decision_refused', exitStatus.usage, message, hint);
}

/**
 * How many lines a digest covers: all of them, or as many as there were when it was seen; null where it is of other lines.
 * A request that is repeated after more lines came thus stays the same request.
 */
export function coveredLines({ lines, digestOf }: StatementSeen, digest: string): number | null {
  for (let count = lines.length; count > 0; count--)
    if (digestOf(digestText(lines.slice(0, count))) === digest) return count;
  return null;
}
