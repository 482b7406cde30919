// /v1/me: a partner's own deals, registrations, commission and statements. The partner is that of the key; nothing in the
// request can name another.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiServices, documentRoute, listRoute } from '../answers.ts';
import type { Principal } from '../auth.ts';
import { Month } from '../columns.ts';
import { basis, clockOf, conditions, currencyCode, currencyMode, id, monthRange } from '../filters.ts';
import { liabilityAccounts } from '../ledger-sql.ts';
import { liabilityMonths } from '../liability.ts';
import { resellerMargins, resoldInvoices } from '../margins.ts';
import { me } from '../me.ts';
import { ownDeals, ownPipeline } from '../own-deals.ts';
import {
  Liability,
  Me,
  OwnMargin,
  OwnResoldInvoice,
  PartnerDeal,
  PartnerEntry,
  PartnerPipeline,
  PartnerRevenueMonth,
  Registration,
  Statement,
} from '../schemas.ts';
import { actionRoute } from '../statement-actions.ts';
import { statements } from '../statements.ts';
import { partnerMonths } from './revenue.ts';
import { oneStatement } from './statements.ts';

/** The partner that a key speaks for; the guard lets only keys of role `partner` come here, and they have one. */
function ownId({ partner_id }: Principal): string {
  if (partner_id === null) throw new Error('a key of role partner without a partner');
  return partner_id;
}

export function meRoutes(app: FastifyInstance, services: ApiServices): void {
  const shared = { roles: ['partner'] as const, tag: 'Me' };
  documentRoute(app, services, {
    ...shared,
    url: '/v1/me',
    summary: 'The partner, its months, its commission in steps, its rank',
    schema: Me,
    answer: ({ release, principal }) => me(release, ownId(principal)),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/deals',
    summary: 'Own deals, sourced and influenced',
    row: PartnerDeal,
    query: {
      state: z.enum(['open', 'won', 'lost']).optional(),
      role: z.enum(['sourced', 'influenced']).optional(),
      deal_id: id.optional(),
    },
    ask: ({ release, principal, query }) => ownDeals({ ...query, ...clockOf(release), partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/pipeline',
    summary: 'Own open deals by stage: how many, how much, how old',
    row: PartnerPipeline,
    query: { role: z.enum(['sourced', 'influenced']).optional() },
    ask: ({ release, principal, query }) =>
      ownPipeline({ ...query, ...clockOf(release), partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/revenue',
    summary: 'Own revenue by month',
    row: PartnerRevenueMonth,
    query: { ...monthRange, basis: basis.optional(), currency: currencyMode },
    ask: ({ release, principal, query }) => partnerMonths(release, { ...query, partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/registrations',
    summary: 'Own deal registrations with their protection',
    row: Registration,
    table: 'fct_registration',
    query: { status: z.enum(['pending', 'approved', 'rejected', 'expired']).optional() },
    ask({ principal, query }) {
      const { where, parameters } = conditions(
        ['partner_id = $partner_id', { partner_id: ownId(principal) }],
        ['status = $status', { status: query.status }],
      );
      return {
        sql: `SELECT registration.*, dim_account.name AS account_name,
            coalesce(submitted_at, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS order_at
          FROM fct_registration AS registration LEFT JOIN dim_account USING (account_id) ${where}`,
        parameters,
        order: [{ name: 'order_at', descending: true }, { name: 'registration_id' }],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/commissions',
    summary: 'Own commission: the roll-forward by month and currency',
    row: Liability,
    query: monthRange,
    ask: ({ release, principal, query }) =>
      liabilityMonths(release, { from: '0001-01', ...query, partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/commissions/entries',
    summary: 'Own commission: every movement that was earned, taken back or paid',
    row: PartnerEntry,
    query: { month: Month.optional(), deal_id: id.optional() },
    ask: ({ principal, query }) => ownEntries({ ...query, partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/margins',
    summary: 'What a reseller keeps of the list price, by currency',
    row: OwnMargin,
    table: 'fct_reseller_margin',
    query: monthRange,
    ask: ({ principal, query }) => resellerMargins({ ...query, partner_id: ownId(principal) }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/me/margins/invoices',
    summary: 'The invoices behind it, the latest first',
    row: OwnResoldInvoice,
    table: 'fct_reseller_margin',
    query: { ...monthRange, currency: currencyCode.optional() },
    ask: ({ principal, query }) => resoldInvoices({ ...query, partner_id: ownId(principal) }),
  });
  ownStatementRoutes(app, services);
}

function ownStatementRoutes(app: FastifyInstance, services: ApiServices): void {
  const url = '/v1/me/statements';
  const shared = { roles: ['partner'] as const, tag: 'Me' };
  listRoute(app, services, {
    ...shared,
    url,
    summary: 'Own statements',
    row: Statement,
    isOverlaid: true,
    table: 'fct_statement',
    query: { month: Month.optional() },
    ask: ({ release, decisions, principal, query }) =>
      statements(release, decisions, { ...query, partner_id: ownId(principal) }, principal),
  });
  oneStatement(app, services, {
    url,
    tag: shared.tag,
    lines: { roles: shared.roles, summary: 'An own statement and its lines' },
    decisions: { roles: shared.roles, summary: 'What was decided about an own statement, the latest first' },
  });
  for (const [action, summary] of [
    ['accept', 'Accept an own statement, or some lines of it, as they were read'],
    ['dispute', 'Dispute an own statement, or some lines of it'],
  ] as const)
    actionRoute(app, services, { ...shared, url: `${url}/:statement_id/${action}`, action, summary });
}

interface OwnEntriesQuery {
  readonly partner_id: string;
  readonly month?: string | undefined;
  readonly deal_id?: string | undefined;
}

/** Entries that change what is owed; moves between accounts of the liability are our own bookkeeping. */
function ownEntries(query: OwnEntriesQuery) {
  const { where, parameters } = conditions(
    ['partner_id = $partner_id', { partner_id: query.partner_id }],
    [`posted_month = CAST($month || '-01' AS DATE)`, { month: query.month }],
    ['deal_id = $deal_id', { deal_id: query.deal_id }],
  );
  return {
    sql: `
      SELECT entry.* REPLACE (if(credit_account IN ${liabilityAccounts}, entry.amount_minor, -entry.amount_minor) AS amount_minor),
        dim_deal.name AS deal_name, entry_id AS explain_id
      FROM (FROM fct_commission_entry ${where}) AS entry LEFT JOIN dim_deal USING (deal_id)
      WHERE (credit_account IN ${liabilityAccounts}) <> (debit_account IN ${liabilityAccounts})`,
    parameters,
    order: [{ name: 'effective_date' }, { name: 'entry_id' }],
  };
}
