// Who may decide what about a statement, in its present state (domain.md §9: the maker of a statement is never its checker, an
// approval binds what was seen). Pure; a refusal says what to do next.
import type { Decision } from './decision.ts';
import { exitStatus, SourcedError } from './errors.ts';
import { digestText, type SeenLine, type StatementStanding, standingOfLines } from './statement.ts';

export const statementActions = ['approve', 'dispute', 'resolve', 'accept'] as const;
export type StatementAction = (typeof statementActions)[number];

export interface StatementSeen {
  readonly statement_id: string;
  /** In the order of posting. */
  readonly lines: readonly SeenLine[];
  readonly is_paid: boolean;
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
  const standing = standingOfLines({ ...seen, decisions: about });
  requireKnownLines(seen, request);
  requireSameLines(seen, request);
  rules[request.action](seen, request, standing);
}

type Rule = (seen: StatementSeen, request: ActionRequest, standing: StatementStanding) => void;

const rules: Readonly<Record<StatementAction, Rule>> = {
  approve({ lines }, { person }, { lines: states, approved_by, resolved_by }) {
    if (states.every(({ state }) => state === 'disputed'))
      throw refused('the statement is in dispute', 'resolve the dispute first; then another person approves');
    if (states.every(({ state }) => state !== 'open'))
      throw refused(
        `all ${lines.length} lines are approved or in dispute${approved_by ? `: ${approved_by} approved` : ''}`,
        'nothing waits for an approval',
      );
    if (person === resolved_by)
      throw refused(
        `${person} resolved a dispute of this statement and cannot approve it`,
        'another person of finance approves',
      );
  },
  dispute({ is_paid, lines }, { line_ids }, { lines: states }) {
    if (is_paid)
      throw refused(
        'the statement is paid, and a paid line is never edited',
        'a correction comes as a line of a later statement: ask finance for it, naming the line',
      );
    const already = named(lines, line_ids).filter((index) => states[index]?.state === 'disputed');
    if (already.length > 0 && already.length === named(lines, line_ids).length)
      throw refused('this is in dispute already', 'finance resolves it: `sourced statement resolve`, or its page');
  },
  resolve({ lines }, { person, line_ids }, { lines: states, approved_by, is_disputed_whole }) {
    const open = named(lines, line_ids).filter((index) => states[index]?.state === 'disputed');
    if (open.length === 0) throw refused('nothing of this is in dispute', 'see its lines: `sourced statement show`');
    if (is_disputed_whole && line_ids !== null)
      throw refused(
        'the whole statement is in dispute, not single lines of it',
        'resolve the whole; a line that stays in question can be disputed again',
      );
    if (person === approved_by)
      throw refused(
        `${person} approved this statement and cannot resolve its dispute`,
        'another person of finance resolves it',
      );
  },
  accept({ lines }, { line_ids }, { lines: states }) {
    const wanted = named(lines, line_ids);
    if (wanted.some((index) => states[index]?.state === 'disputed'))
      throw refused('a line of this is in dispute', 'it can be accepted once finance has resolved the dispute');
    if (wanted.every((index) => states[index]?.is_accepted)) throw refused('this is accepted already');
  },
};

/** The places of the lines that a request names; all of them for the whole statement. */
function named(lines: readonly SeenLine[], line_ids: readonly string[] | null): number[] {
  return lines.flatMap(({ line_id }, index) => (line_ids === null || line_ids.includes(line_id) ? [index] : []));
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
      `the statement is not the one that was seen: it has ${lines.length} lines now, with the digest ${current}`,
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
