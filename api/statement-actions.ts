// Taking a decision about a statement: who asks comes from the key, what was seen from the release, what is allowed from
// core/statement-lines.ts, which runs inside the transaction that writes. Recorded at once; the next run posts it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Decision } from '../core/decision.ts';
import { coveredLines, requireAllowed, type StatementAction, type StatementSeen } from '../core/statement-lines.ts';
import type { Role } from './access.ts';
import { type ApiServices, stampOf } from './answers.ts';
import { type Access, type Principal, requireSameOrigin } from './auth.ts';
import { digestOf, readStatements, trailRow } from './decisions.ts';
import { ApiProblem } from './errors.ts';
import { id } from './filters.ts';
import type { Release } from './release-store.ts';
import { DecisionAnswer, problemResponse } from './schemas.ts';
import { statementOf } from './statements.ts';

const REASON_LENGTH_MAX = 2000;
const LINES_MAX = 1000;

const reason = z.string().trim().min(1, 'say why').max(REASON_LENGTH_MAX);
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'digest is that of the statement as it was read')
  .describe('Of the statement as it was read: the decision binds it');
const line_ids = z
  .array(id)
  .min(1, 'name a line, or leave line_ids out for the whole statement')
  .max(LINES_MAX)
  .optional()
  .describe('Lines of the statement; without it, the whole statement');

const bodies = {
  approve: z.strictObject({ digest, reason: reason.default('approved as shown') }),
  accept: z.strictObject({ digest, line_ids, reason: reason.default('accepted as shown') }),
  dispute: z.strictObject({ reason, line_ids }),
  resolve: z.strictObject({ reason, line_ids }),
} as const satisfies Record<StatementAction, z.ZodType>;

type Body = { readonly digest?: string; readonly reason: string; readonly line_ids?: readonly string[] };

/** What follows, by the state that the decision left the statement in. */
const afterwards: Readonly<Record<StatementAction, (state: string) => string>> = {
  approve: (state) =>
    state === 'disputed'
      ? 'The next run posts it: what is past its hold becomes payable, but for what is in dispute; somebody of finance who has not approved it resolves that.'
      : 'The next run posts it: what is past its hold becomes payable.',
  accept: () => 'It is on record; finance approves the statement.',
  dispute: () => 'The next run holds it back; finance resolves it.',
  resolve: (state) =>
    state === 'approved'
      ? 'The next run takes it out of dispute; all its lines are approved.'
      : 'The next run takes it out of dispute; somebody of finance who resolved none of its disputes approves what is not approved yet.',
};

export interface ActionRoute {
  readonly url: string;
  readonly action: StatementAction;
  readonly roles: readonly Role[];
  readonly tag: string;
  readonly summary: string;
}

/** Declares a POST that decides about the statement in its path. */
export function actionRoute(app: FastifyInstance, services: ApiServices, route: ActionRoute): void {
  const { url, action, roles, tag, summary } = route;
  app.route({
    method: 'POST',
    url,
    config: { access: roles satisfies Access },
    schema: {
      tags: [tag],
      summary,
      description: `Recorded at once with who and why; posted by the next run. The header Idempotency-Key is required: the same key repeats the same request, and the first decision is given again. Roles: ${roles.join(', ')}.`,
      security: [{ key: [] }, { session: [] }],
      params: z.strictObject({ statement_id: id }),
      headers: z.looseObject({ 'idempotency-key': z.string().optional().describe('Fresh for each decision') }),
      body: bodies[action],
      response: {
        200: { description: summary, content: { 'application/json': { schema: DecisionAnswer } } },
        '4xx': problemResponse,
        '5xx': problemResponse,
      },
    } as never,
    async handler(request, reply) {
      await answerDecision(services, action, request, reply);
      return reply;
    },
  });
}

async function answerDecision(
  services: ApiServices,
  action: StatementAction,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  requireSameOrigin(request);
  const idempotency_key = keyOf(request);
  const principal = request.principal!;
  const { statement_id } = request.params as { statement_id: string };
  const { release, end } = await services.store.lease();
  try {
    await statementOf(release, services.decisions, principal, statement_id);
    const seen = await seenStatement(release, statement_id);
    const body = request.body as Body;
    const { decision, isRepeated } = decide(services, { action, principal, seen, body, idempotency_key });
    const { position_count: _, ...shown } = trailRow(release, decision, principal.role);
    const statement = await statementOf(release, services.decisions, principal, statement_id);
    const answer: z.input<typeof DecisionAnswer> = {
      ...stampOf(release),
      decision: shown,
      statement: statement as never,
      next: afterwards[action](String(statement.state)),
    };
    if (isRepeated) reply.header('idempotency-replayed', 'true');
    reply.headers({ 'cache-control': 'no-store', 'x-release-id': release.manifest.release_id });
    reply.type('application/json; charset=utf-8').send(answer);
  } finally {
    end();
  }
}

/** Throws `idempotency_key_missing`. Keys of two partners never meet. */
function keyOf({ headers, principal }: FastifyRequest): string {
  const given = headers['idempotency-key'];
  if (typeof given !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(given))
    throw new ApiProblem(
      'idempotency_key_missing',
      'Send the header Idempotency-Key: 1 to 255 visible characters, fresh for each decision, such as a UUID.',
    );
  return principal?.partner_id ? `${principal.partner_id}/${given}` : given;
}

async function seenStatement(release: Release, statement_id: string): Promise<StatementSeen> {
  const [statement] = await readStatements(release, [statement_id]);
  if (!statement) throw new ApiProblem('not_found', `The statement ${statement_id} has no lines.`);
  return { ...statement, digestOf };
}

interface Taken {
  readonly action: StatementAction;
  readonly principal: Principal;
  readonly seen: StatementSeen;
  readonly body: Body;
  readonly idempotency_key: string;
}

function decide(
  { decisions }: ApiServices,
  { action, principal, seen, body, idempotency_key }: Taken,
): { decision: Decision; isRepeated: boolean } {
  const { person, role, partner_id } = principal;
  const { digest = null, line_ids = null, reason } = body;
  let isRepeated = true;
  const decision = decisions.record(
    {
      person,
      role,
      kind: `statement_${action}`,
      subject_kind: 'statement',
      subject_id: seen.statement_id,
      reason,
      detail: {
        ...(digest === null ? {} : { line_count: coveredLines(seen, digest), digest }),
        ...(line_ids === null ? {} : { line_ids }),
        ...(partner_id === null ? {} : { partner_id }),
      },
      idempotency_key,
    },
    (about) => {
      isRepeated = false;
      requireAllowed(seen, { action, person, line_ids, digest }, about);
    },
  );
  return { decision, isRepeated };
}
