// /v1/explain/{id}: every record and rule behind a figure. A partner reaches what is its own.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { roles } from '../access.ts';
import { type ApiServices, documentRoute } from '../answers.ts';
import type { Principal } from '../auth.ts';
import { ApiProblem } from '../errors.ts';
import {
  explainCredit,
  explainLiability,
  explainPartnerLiability,
  explainPartnerMonth,
  explainRevenue,
} from '../explain/months.ts';
import type { ExplainContext, Explained } from '../explain/parts.ts';
import { explainRecord, kindsOf, ownerOf, type RecordKind, recordKinds } from '../explain/records.ts';
import { id, requireMethod } from '../filters.ts';
import { Explanation } from '../schemas.ts';
import { requireOwn } from './partners.ts';

const description =
  'The id of a deal, invoice, ledger entry, statement or statement line; `<partner_id>/<month>`; `revenue/<month>/<basis>`; `liability/<month>`; `liability/<partner_id>/<month>/<currency>`; `party/<party_kind>/<party_id>/<month>/<basis>/<method>`. Rows carry theirs as explain_id.';

export function explainRoutes(app: FastifyInstance, services: ApiServices): void {
  const route = {
    roles,
    tag: 'Trust',
    isOverlaid: true,
    summary: 'Every record and rule behind a figure',
    description,
    schema: Explanation,
    query: { kind: z.enum(recordKinds).optional().describe('Where one id names two things') },
  };
  documentRoute(app, services, {
    ...route,
    url: '/v1/explain/:id',
    params: { id: id.describe(description) },
    answer: ({ params, ...context }) => explain(params.id, contextOf(context), context.query.kind),
  });
  // The same with the slashes of an id as they are.
  documentRoute(app, services, {
    ...route,
    url: '/v1/explain/*',
    hide: true,
    params: { '*': id },
    answer: ({ params, ...context }) => explain(params['*'], contextOf(context), context.query.kind),
  });
}

type Asked = ExplainContext & { readonly principal: Principal };

function contextOf(context: Omit<Asked, 'showPayload'>): Asked {
  const { release, decisions, principal } = context;
  return { release, decisions, principal, showPayload: principal.role !== 'partner' };
}

const MONTH = String.raw`(\d{4}-(?:0[1-9]|1[0-2]))`;

type Derived = (context: Asked, parts: readonly string[]) => Promise<Explained>;

/** Figures without a record of their own; the groups of the pattern are the parts. `staffOnly` ones are nobody's alone. */
const derived: readonly { readonly pattern: RegExp; readonly staffOnly: boolean; readonly explain: Derived }[] = [
  {
    pattern: new RegExp(`^revenue/${MONTH}/(pipeline|booked|invoiced|paid)$`),
    staffOnly: true,
    explain: (context, [month = '', basis = '']) => explainRevenue(context, month, basis),
  },
  {
    pattern: new RegExp(`^liability/${MONTH}$`),
    staffOnly: true,
    explain: (context, [month = '']) => explainLiability(context, month),
  },
  {
    pattern: new RegExp(`^liability/(.+)/${MONTH}/([A-Z]{3})$`),
    staffOnly: false,
    explain(context, [partner_id = '', month = '', currency = '']) {
      requireOwn(context.principal, partner_id);
      return explainPartnerLiability(context, { partner_id, month, currency });
    },
  },
  {
    pattern: new RegExp(
      `^party/(partner|channel|unattributed)/(.*)/${MONTH}/(pipeline|booked|invoiced|paid)/([a-z_]+)$`,
    ),
    staffOnly: true,
    explain(context, [party_kind = '', party_id = '', month = '', basis = '', method = '']) {
      requireMethod(context.release, method);
      return explainCredit(context, { party_kind, party_id, month, basis, method });
    },
  },
  {
    pattern: new RegExp(`^(.+)/${MONTH}$`),
    staffOnly: true,
    explain: (context, [partner_id = '', month = '']) => explainPartnerMonth(context, partner_id, month),
  },
];

async function explain(asked: string, context: Asked, kind: RecordKind | undefined): Promise<Explained> {
  const { release, principal } = context;
  const kinds = await kindsOf(release, asked);
  const chosen = kind === undefined ? kinds[0] : kinds.find((candidate) => candidate === kind);
  if (chosen === undefined) return explainDerived(asked, context);
  if (principal.role === 'partner' && (await ownerOf(release, chosen, asked)) !== principal.partner_id)
    throw unknown(asked);
  const explained = await explainRecord(context, chosen, asked);
  const others = kinds.filter((other) => !isSame(other, chosen)).map((other) => `kind=${other}`);
  const also = others.length === 0 ? [] : [{ label: 'The same id names also', value: others.join(', ') }];
  return { ...explained, facts: [...explained.facts, ...also], parts: reachable(principal, explained.parts) };
}

/** A line of a statement may have the id of its entry: one thing, told by the entry. */
function isSame(left: RecordKind, right: RecordKind): boolean {
  const kindOf = (kind: RecordKind) => (kind === 'statement_line' ? 'ledger_entry' : kind);
  return kindOf(left) === kindOf(right);
}

/** A partner follows a line to its ledger entry; deals and invoices hold what is another's, so they are named only. */
function reachable({ role }: Principal, parts: Explained['parts']): Explained['parts'] {
  if (role !== 'partner') return parts;
  return parts.map((part) =>
    ['ledger_entry', 'statement', 'statement_line'].includes(part.kind) ? part : { ...part, explain_id: null },
  );
}

async function explainDerived(asked: string, context: Asked): Promise<Explained> {
  const isStaff = context.principal.role !== 'partner';
  for (const { pattern, staffOnly, explain } of derived) {
    const parts = pattern.exec(asked);
    if (parts && (isStaff || !staffOnly)) return explain(context, parts.slice(1));
  }
  throw unknown(asked);
}

function unknown(asked: string): ApiProblem {
  return new ApiProblem('not_found', `Nothing is known under ${asked}.`);
}
