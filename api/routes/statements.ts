// /v1/commissions/statements: statements, their lines, what people decided about them, and deciding. /v1/decisions: every decision.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Role, roles, staff } from '../access.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import { Month } from '../columns.ts';
import { trail } from '../decisions.ts';
import { currencyCode, id, partnerId } from '../filters.ts';
import { LIMIT_MAX } from '../lists.ts';
import { aboutStatement } from '../payouts.ts';
import {
  Decision,
  Statement,
  StatementDetail,
  StatementLine,
  StatementList,
  statementStates,
  statementSteps,
} from '../schemas.ts';
import { actionRoute } from '../statement-actions.ts';
import { statementLines, statementOf, statements, statementSteps as steps } from '../statements.ts';

const url = '/v1/commissions/statements';

export function statementRoutes(app: FastifyInstance, services: ApiServices): void {
  const shared = { tag: 'Commissions', isOverlaid: true } as const;
  listRoute(app, services, {
    ...shared,
    url,
    roles: staff,
    summary: 'Statements as people have decided by now, and what happens to them next',
    row: Statement,
    table: 'fct_statement',
    query: {
      month: Month.optional(),
      partner_id: partnerId.optional(),
      currency: currencyCode.optional(),
      state: z.enum(statementStates).optional(),
      next_step: z.enum(statementSteps).optional(),
    },
    ask: ({ release, decisions, query, principal }) => statements(release, decisions, query, principal),
    extend: async ({ release, decisions, principal }) => ({ steps: await steps(release, decisions, principal) }),
    schema: StatementList,
  });
  oneStatement(app, services, {
    url,
    tag: 'Commissions',
    lines: { roles, summary: 'A statement and its lines' },
    decisions: {
      roles: staff,
      summary: 'What people decided about a statement and its payouts: who, when, what and why; the latest first',
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/decisions',
    roles: staff,
    tag: 'Trust',
    summary: 'Audit trail: the latest decisions of people, at most 10,000',
    row: Decision,
    query: {
      kind: z.string().max(60).optional(),
      subject_kind: z.string().max(60).optional(),
      subject_id: id.optional(),
      person: z.string().max(200).optional(),
    },
    ask: ({ release, decisions, query, principal }) => trail(release, decisions.latest(query, LIMIT_MAX), principal),
  });
  for (const [action, summary] of [
    ['approve', 'Approve the lines as they were read; the approver is not who resolved a dispute of it'],
    ['dispute', 'Dispute a statement, or some lines of it'],
    ['resolve', 'End a dispute, of the whole or of some lines; who approved it does not resolve it'],
  ] as const)
    actionRoute(app, services, {
      url: `${url}/:statement_id/${action}`,
      action,
      roles: ['finance'],
      tag: 'Commissions',
      summary,
    });
}

type Reading = { readonly roles: readonly Role[]; readonly summary: string };

/** A statement with its lines, and what people decided about it: for the company's people, and for the partner whose it is. */
export function oneStatement(
  app: FastifyInstance,
  services: ApiServices,
  { url, tag, lines, decisions: decided }: { url: string; tag: string; lines: Reading; decisions: Reading },
): void {
  const shared = { tag, isOverlaid: true, params: { statement_id: id }, query: {} } as const;
  listRoute(app, services, {
    ...shared,
    ...lines,
    url: `${url}/:statement_id`,
    row: StatementLine,
    table: 'fct_statement',
    ask: ({ release, decisions, params }) => statementLines(release, decisions, params.statement_id),
    extend: async ({ release, decisions, principal, params }) => ({
      statement: await statementOf(release, decisions, principal, params.statement_id),
    }),
    schema: StatementDetail,
  });
  listRoute(app, services, {
    ...shared,
    ...decided,
    url: `${url}/:statement_id/decisions`,
    row: Decision,
    async ask({ release, decisions, principal, params: { statement_id } }) {
      await statementOf(release, decisions, principal, statement_id);
      return trail(release, aboutStatement(decisions, statement_id), principal);
    },
  });
}
