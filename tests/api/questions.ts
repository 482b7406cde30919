// Every question of the API with who may ask it and the shape of its answer. Tests walk this list; one test holds it
// against the routes that the app has.
import type { z } from 'zod';
import type { Row } from '../../api/columns.ts';
import * as schemas from '../../api/schemas.ts';
import type { secrets } from './fixture.ts';

export type Asker = keyof typeof secrets;

export interface Question {
  /** As in the OpenAPI document. */
  readonly path: string;
  /** With the ids of the tiny company. */
  readonly url: string;
  readonly askers: readonly Asker[];
  readonly schema: z.ZodType;
  /** Of a list. */
  readonly row?: Row;
  readonly min_rows?: number;
}

const staff = ['leadership', 'revops', 'finance'] as const;
const everyone = [...staff, 'partner', 'other_partner'] as const;
const owner = [...staff, 'partner'] as const;
const partners = ['partner', 'other_partner'] as const;

function list(
  path: string,
  askers: readonly Asker[],
  row: Row,
  { url = path, schema = schemas.listOf(row) as z.ZodType, min_rows = 1 } = {},
): Question {
  return { path, url, askers, schema, row, min_rows };
}

function document(path: string, askers: readonly Asker[], schema: z.ZodType, url = path): Question {
  return { path, url, askers, schema };
}

export const questions: readonly Question[] = [
  document('/v1/release', everyone, schemas.Release),
  document('/v1/releases', staff, schemas.ReleaseHistory),
  document('/v1/releases/{release_id}/diff', staff, schemas.ReleaseDiff, '/v1/releases/current/diff?from=current'),
  list('/v1/revenue/monthly', staff, schemas.RevenueMonth, { min_rows: 5 }),
  list('/v1/revenue/partners', staff, schemas.PartnerRevenueMonth, { min_rows: 4 }),
  list('/v1/revenue/unlinked', staff, schemas.UnlinkedMoney),
  list('/v1/window-sensitivity', staff, schemas.WindowSensitivity, { min_rows: 6 }),
  list('/v1/partners', staff, schemas.Partner, { min_rows: 6, url: '/v1/partners?month=2026-01' }),
  document('/v1/partners/{partner_id}', owner, schemas.PartnerDetail, '/v1/partners/crm:P-1'),
  list('/v1/partners/{partner_id}/revenue', owner, schemas.PartnerRevenueMonth, {
    url: '/v1/partners/crm:P-1/revenue',
    min_rows: 3,
  }),
  list('/v1/attribution', staff, schemas.AttributionRow, { url: '/v1/attribution?group_by=month,party', min_rows: 8 }),
  list('/v1/deals', staff, schemas.Deal, { min_rows: 5 }),
  document('/v1/deals/{deal_id}', staff, schemas.DealDetail, '/v1/deals/crm:D-1'),
  document('/v1/deals/{deal_id}/journey', staff, schemas.Journey, '/v1/deals/crm:D-1/journey'),
  list('/v1/conflicts', staff, schemas.Conflict),
  list('/v1/commissions/liability', staff, schemas.Liability, {
    url: '/v1/commissions/liability?from=2026-01&to=2026-02',
    schema: schemas.LiabilityAnswer,
    min_rows: 3,
  }),
  list('/v1/commissions/aging', staff, schemas.Aging, { schema: schemas.AgingAnswer, min_rows: 2 }),
  list('/v1/commissions/entries', staff, schemas.Entry, { min_rows: 5 }),
  list('/v1/commissions/contingent', staff, schemas.Contingent),
  list('/v1/commissions/unearned', staff, schemas.Unearned),
  list('/v1/commissions/margins', staff, schemas.ResellerMargin),
  list('/v1/commissions/margins/invoices', staff, schemas.ResoldInvoice, { min_rows: 2 }),
  list('/v1/commissions/statements', staff, schemas.Statement, { schema: schemas.StatementList, min_rows: 2 }),
  list('/v1/commissions/statements/{statement_id}', owner, schemas.StatementLine, {
    url: '/v1/commissions/statements/S-1',
    schema: schemas.StatementDetail,
  }),
  list('/v1/commissions/statements/{statement_id}/decisions', staff, schemas.Decision, {
    url: '/v1/commissions/statements/S-1/decisions',
    min_rows: 0,
  }),
  list('/v1/decisions', staff, schemas.Decision, { min_rows: 0 }),
  list('/v1/activation', staff, schemas.Activation, { min_rows: 2 }),
  list('/v1/overlaps', staff, schemas.Overlap),
  list('/v1/overlaps/summary', staff, schemas.OverlapSummary),
  list('/v1/leads', staff, schemas.LeadResponse, { min_rows: 2 }),
  list('/v1/leads/response', staff, schemas.LeadResponseSummary, { min_rows: 2 }),
  list('/v1/leads/distribution', staff, schemas.LeadResponseBand, { min_rows: 7 }),
  list('/v1/registrations/health', staff, schemas.RegistrationHealth, { min_rows: 2 }),
  list('/v1/registrations/decisions', staff, schemas.RegistrationDecision, { min_rows: 2 }),
  document('/v1/explain/{id}', owner, schemas.Explanation, '/v1/explain/E-1'),
  document('/v1/quality', staff, schemas.Quality),
  list('/v1/quality/audits', staff, schemas.Audit, { min_rows: 2 }),
  list('/v1/quality/freshness', staff, schemas.Freshness),
  list('/v1/quality/reconciliation', staff, schemas.Reconciliation),
  list('/v1/quality/gaps', staff, schemas.Gap),
  list('/v1/exceptions', staff, schemas.Exception, { min_rows: 2 }),
  list('/v1/quality/quarantine', staff, schemas.Quarantined),
  document('/v1/me', partners, schemas.Me),
  list('/v1/me/deals', partners, schemas.PartnerDeal),
  list('/v1/me/pipeline', partners, schemas.PartnerPipeline, { min_rows: 0 }),
  list('/v1/me/revenue', partners, schemas.PartnerRevenueMonth, { min_rows: 2 }),
  list('/v1/me/registrations', partners, schemas.Registration, { min_rows: 0 }),
  list('/v1/me/commissions', partners, schemas.Liability),
  list('/v1/me/commissions/entries', partners, schemas.PartnerEntry),
  list('/v1/me/margins', partners, schemas.OwnMargin, { min_rows: 0 }),
  list('/v1/me/margins/invoices', partners, schemas.OwnResoldInvoice, { min_rows: 0 }),
  list('/v1/me/statements', partners, schemas.Statement),
  list('/v1/me/statements/{statement_id}', ['partner'], schemas.StatementLine, {
    url: '/v1/me/statements/S-1',
    schema: schemas.StatementDetail,
  }),
  list('/v1/me/statements/{statement_id}/decisions', ['partner'], schemas.Decision, {
    url: '/v1/me/statements/S-1/decisions',
    min_rows: 0,
  }),
  document('/v1/session', everyone, schemas.Session),
];

export const lists = questions.filter((question): question is Question & { row: Row } => question.row !== undefined);

/** The same address with further parameters. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const next = new URL(url, 'http://localhost');
  for (const [name, value] of Object.entries(parameters)) next.searchParams.set(name, value);
  return `${next.pathname}${next.search}`;
}
