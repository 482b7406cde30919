// People's decisions over the figures of a release: what was decided since it was made, as JSON that a query joins. Where they are
// written is the books' business; which of them count is core/statement-rules.ts.
import { createHash } from 'node:crypto';
import type { Decision, DecisionBook } from '../core/decision.ts';
import { type SeenLine, statementDecisions, stateOf } from '../core/statement.ts';
import { standingOfLines } from '../core/statement-lines.ts';
import { standingOf, widestOf } from '../core/statement-rules.ts';
import type { Principal } from './auth.ts';
import { jsonRows } from './json-rows.ts';
import { LIMIT_MAX, type ListQuery } from './lists.ts';
import type { Release } from './release-store.ts';

/** For an app that is given no books: nothing was decided, and nothing can be. */
export const noDecisions: DecisionBook = {
  list: () => [],
  last: () => 0n,
  about: () => [],
  aboutMoved: () => [],
  latest: () => [],
  record() {
    throw new Error('an app without books takes no decision');
  },
};

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** How statements and lines stand that were decided on since the release; the rest stands as the release has it. */
export interface Overlay {
  readonly statements: readonly {
    readonly statement_id: string;
    readonly state: string;
    readonly approved_by: string | null;
    readonly approved_count: number;
    readonly accepted_count: number;
    readonly disputed_count: number;
  }[];
  readonly lines: readonly { readonly line_id: string; readonly state: string; readonly is_accepted: boolean }[];
}

const known = new WeakMap<Release, { readonly last: bigint; readonly overlay: Promise<Overlay> }>();

/** The overlay of a release; worked out once after each decision. */
export function overlayOf(release: Release, decisions: DecisionBook): Promise<Overlay> {
  const last = decisions.last();
  const before = known.get(release);
  if (before?.last === last) return before.overlay;
  const overlay = workOut(release, decisions);
  known.set(release, { last, overlay });
  overlay.catch(() => known.delete(release));
  return overlay;
}

async function workOut(release: Release, book: DecisionBook): Promise<Overlay> {
  const moved = book.aboutMoved('statement', BigInt(release.manifest.decision_sequence));
  if (moved.length === 0) return { statements: [], lines: [] };
  const decisions = Map.groupBy(moved, ({ subject_id }) => subject_id);
  const statements = await readStatements(release, [...decisions.keys()]);
  const standings = statements.map((statement) => standing(statement, decisions.get(statement.statement_id) ?? []));
  return {
    statements: standings.map(({ lines: _, ...statement }) => statement),
    lines: standings.flatMap(({ lines }) => lines),
  };
}

export interface StatementLines {
  readonly statement_id: string;
  readonly total_minor: bigint;
  readonly paid_minor: bigint;
  /** In the order of posting. */
  readonly lines: readonly SeenLine[];
}

/** Statements with their lines; those that the release does not have are left out. */
export async function readStatements(release: Release, ids: readonly string[]): Promise<StatementLines[]> {
  const rows = await release.rows<Omit<StatementLines, 'lines'> & SeenLine>(
    `WITH asked AS (SELECT unnest(from_json($ids, '["VARCHAR"]')) AS statement_id)
     SELECT statement_id, total_minor, coalesce(paid_minor, 0) AS paid_minor, line_id, amount_minor
     FROM asked JOIN fct_statement AS statement USING (statement_id) JOIN fct_statement_line AS line USING (statement_id)
     ORDER BY statement_id, coalesce(position, 0), line_id`,
    { ids: JSON.stringify(ids) },
  );
  return [...Map.groupBy(rows, ({ statement_id }) => statement_id).values()].map((lines) => {
    const { statement_id, total_minor, paid_minor } = lines[0]!;
    return { statement_id, total_minor, paid_minor, lines };
  });
}

function standing({ statement_id, lines, total_minor, paid_minor }: StatementLines, decisions: readonly Decision[]) {
  const { lines: states, approved_by } = standingOfLines({ lines, decisions, digestOf });
  const count = (name: string) => states.filter(({ state }) => state === name).length;
  return {
    statement_id,
    state: stateOf(states, { total_minor, paid_minor }),
    approved_by: count('approved') > 0 ? approved_by : null,
    approved_count: count('approved'),
    accepted_count: states.filter(({ is_accepted }) => is_accepted).length,
    disputed_count: count('disputed'),
    lines: states.map((state, index) => ({ line_id: lines[index]!.line_id, ...state })),
  };
}

/** Who may not take the next step about a statement, and so who must, in words: whoever made it is never its checker. */
export interface Barred {
  readonly statement_id: string;
  readonly approve_not: string | null;
  readonly approve_words: string | null;
  readonly resolve_not: string | null;
  readonly resolve_words: string | null;
}

const knownBarred = new WeakMap<DecisionBook, { readonly last: bigint; readonly barred: readonly Barred[] }>();

/** Of every statement that was disputed (of the latest 10,000 disputes); worked out once after each decision. */
export function barredFrom(book: DecisionBook): readonly Barred[] {
  const last = book.last();
  const before = knownBarred.get(book);
  if (before?.last === last) return before.barred;
  const disputes = book.latest({ kind: 'statement_dispute', subject_kind: 'statement' }, LIMIT_MAX);
  const ids = new Set(disputes.map(({ subject_id }) => subject_id));
  const barred = [...ids].map((statement_id) => barredOf(statement_id, book.about('statement', statement_id)));
  knownBarred.set(book, { last, barred });
  return barred;
}

function barredOf(statement_id: string, decisions: readonly Decision[]): Barred {
  const { approvals, resolvers } = standingOf(statementDecisions(decisions, () => 0));
  const makers = [...new Set(resolvers)];
  const approver = widestOf(approvals)?.person ?? null;
  const who = ['another person', 'a third person'][makers.length - 1] ?? 'somebody else';
  const disputes = resolvers.length === 1 ? 'its dispute' : 'its disputes';
  return {
    statement_id,
    approve_not: makers.join('; ') || null,
    approve_words: makers.length ? `${who} of finance approves it; ${listed(makers)} resolved ${disputes}` : null,
    resolve_not: approver,
    resolve_words: approver && `another person of finance resolves the dispute; ${approver} approved it`,
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const decisionColumns = {
  decision_id: 'VARCHAR',
  decided_at: 'TIMESTAMPTZ',
  person: 'VARCHAR',
  role: 'VARCHAR',
  kind: 'VARCHAR',
  subject_kind: 'VARCHAR',
  subject_id: 'VARCHAR',
  reason: 'VARCHAR',
  line_ids: 'VARCHAR',
  is_posted: 'BOOLEAN',
  position_count: 'BIGINT',
};

/** Decisions as an audit trail, the latest first. A partner is told what the company decided, not who there. */
export function trail(release: Release, decisions: readonly Decision[], { role }: Pick<Principal, 'role'>): ListQuery {
  const rows = decisions.map((decision) => trailRow(release, decision, role));
  return {
    sql: `
      SELECT decision.*, coalesce(dim_partner.name, partner_id) || strftime(month, ', %Y-%m, ') || statement.currency AS subject_name
      FROM ${jsonRows('$decisions', decisionColumns)} AS decision
      LEFT JOIN fct_statement AS statement ON subject_kind IN ('statement', 'payout') AND subject_id = statement_id
      LEFT JOIN dim_partner USING (partner_id)`,
    parameters: { decisions: JSON.stringify(rows) },
    order: [{ name: 'position_count', descending: true }],
  };
}

/** A decision as the API shows it. */
export function trailRow({ manifest }: Release, decision: Decision, asker: Principal['role']) {
  const { sequence, decision_id, decided_at, person, role, kind, subject_kind, subject_id, reason, detail } = decision;
  return {
    decision_id,
    decided_at,
    person: asker === 'partner' && role !== 'partner' ? role : person,
    role,
    kind,
    subject_kind,
    subject_id,
    reason,
    line_ids: Array.isArray(detail.line_ids) ? detail.line_ids.join(' ') : null,
    is_posted: sequence <= BigInt(manifest.decision_sequence),
    position_count: Number(sequence),
  };
}
