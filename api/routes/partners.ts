// /v1/partners: who they are and what they brought. A partner's own key reaches its own entry and no other.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { roles, staff } from '../access.ts';
import { type ApiServices, documentRoute, listRoute } from '../answers.ts';
import type { Principal } from '../auth.ts';
import { Month, without } from '../columns.ts';
import { ApiProblem } from '../errors.ts';
import { jsonRow, moneyAnswer } from '../faces.ts';
import { basis, conditions, currencyMode, lastCompleteMonth, monthRange, partnerId } from '../filters.ts';
import { type ListQuery, readAll } from '../lists.ts';
import type { Release } from '../release-store.ts';
import { motions, Partner, PartnerDetail, PartnerRevenueMonth } from '../schemas.ts';
import { partnerMonths } from './revenue.ts';

const orders = { sourced: 'sourced_minor', influenced_gross: 'influenced_gross_minor', owed: 'owed_minor' } as const;

export function partnerRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/partners',
    roles: staff,
    tag: 'Partners',
    summary: 'Partners with what they brought in a month',
    description: 'Without a month: the last complete one. Largest first, unless by name.',
    row: Partner,
    query: {
      month: Month.optional(),
      basis: basis.default('paid'),
      motion: z.enum(motions).optional(),
      order: z.enum(['sourced', 'influenced_gross', 'owed', 'name']).default('sourced'),
    },
    ask: ({ release, query }) => partners(release, query),
  });
  documentRoute(app, services, {
    url: '/v1/partners/:partner_id',
    roles,
    tag: 'Partners',
    summary: 'A partner',
    schema: PartnerDetail,
    params: { partner_id: partnerId },
    answer: async ({ release, principal, params }) => {
      requireOwn(principal, params.partner_id);
      return partnerDetail(release, params.partner_id);
    },
  });
  listRoute(app, services, {
    url: '/v1/partners/:partner_id/revenue',
    roles,
    tag: 'Partners',
    summary: "A partner's revenue by month",
    row: PartnerRevenueMonth,
    query: { ...monthRange, basis: basis.optional(), currency: currencyMode },
    params: { partner_id: partnerId },
    async ask({ release, principal, query, params }) {
      requireOwn(principal, params.partner_id);
      await requirePartner(release, params.partner_id);
      return partnerMonths(release, { ...query, partner_id: params.partner_id });
    },
  });
}

/** Another partner's object is not there (contract §7). */
export function requireOwn({ role, partner_id }: Principal, asked: string): void {
  if (role === 'partner' && partner_id !== asked) throw unknownPartner(asked);
}

async function requirePartner(release: Release, partner_id: string): Promise<void> {
  const rows = await release.rows('SELECT 1 AS found FROM dim_partner WHERE partner_id = $partner_id', { partner_id });
  if (rows.length === 0) throw unknownPartner(partner_id);
}

function unknownPartner(partner_id: string): ApiProblem {
  return new ApiProblem('not_found', `There is no partner ${partner_id}.`);
}

interface PartnersQuery {
  readonly month?: string | undefined;
  readonly basis: string;
  readonly motion?: string | undefined;
  readonly order: keyof typeof orders | 'name';
  readonly partner_id?: string;
}

function partners(release: Release, query: PartnersQuery): ListQuery {
  const { where, parameters } = conditions(
    ['motion = $motion', { motion: query.motion }],
    ['partner_id = $partner_id', { partner_id: query.partner_id }],
  );
  const month = query.month ?? lastCompleteMonth(release);
  return {
    sql: `
      WITH months AS (
        SELECT partner_id, CAST(sum(deal_count) AS BIGINT) AS deal_count,
          CAST(sum(reporting_sourced_minor) AS BIGINT) AS sourced_minor,
          CAST(sum(reporting_influenced_gross_minor) AS BIGINT) AS influenced_gross_minor
        FROM fct_partner_revenue_monthly
        WHERE basis = $basis AND month = CAST($month || '-01' AS DATE) GROUP BY partner_id),
      firsts AS (
        SELECT partner_id, min(month) AS first_sourced_month
        FROM fct_partner_revenue_monthly WHERE basis = $basis AND sourced_minor <> 0 GROUP BY partner_id),
      owed AS (
        SELECT partner_id, CAST(sum(reporting_closing_minor) AS BIGINT) AS owed_minor
        FROM fct_commission_liability WHERE month = CAST($month || '-01' AS DATE) GROUP BY partner_id)
      SELECT dim_partner.*, first_sourced_month, last_event_at AS last_activity_at,
        coalesce(deal_count, 0) AS deal_count, coalesce(sourced_minor, 0) AS sourced_minor,
        coalesce(influenced_gross_minor, 0) AS influenced_gross_minor, coalesce(owed_minor, 0) AS owed_minor,
        partner_id || '/' || $month AS explain_id
      FROM (SELECT * FROM dim_partner ${where}) AS dim_partner
      LEFT JOIN months USING (partner_id) LEFT JOIN firsts USING (partner_id) LEFT JOIN owed USING (partner_id)
      LEFT JOIN (SELECT partner_id, last_event_at FROM fct_partner_activation) AS activation USING (partner_id)`,
    parameters: { ...parameters, month, basis: query.basis },
    order:
      query.order === 'name'
        ? [{ name: 'name' }, { name: 'partner_id' }]
        : [{ name: orders[query.order], descending: true }, { name: 'partner_id' }],
  };
}

/** Fields of a partner that are figures of one month. */
const ofTheMonth = ['sourced', 'influenced_gross', 'owed', 'deal_count'];

async function partnerDetail(release: Release, partner_id: string): Promise<object> {
  const { reporting_currency } = release.manifest;
  const [row] = await readAll(
    release,
    Partner.columns,
    partners(release, { basis: 'paid', order: 'name', partner_id }),
  );
  if (!row) throw unknownPartner(partner_id);
  const partner = without(jsonRow(Partner, row, reporting_currency), ...ofTheMonth);
  const lifetime = await release.rows<{ basis: string; sourced: bigint; influenced_gross: bigint }>(
    `SELECT basis, CAST(sum(reporting_sourced_minor) AS BIGINT) AS sourced,
       CAST(sum(reporting_influenced_gross_minor) AS BIGINT) AS influenced_gross
     FROM fct_partner_revenue_monthly WHERE partner_id = $partner_id GROUP BY basis ORDER BY basis`,
    { partner_id },
  );
  const owed = await release.rows<{ currency: string; closing: bigint }>(
    `SELECT currency, arg_max(closing_minor, month) AS closing FROM fct_commission_liability
     WHERE partner_id = $partner_id GROUP BY currency ORDER BY currency`,
    { partner_id },
  );
  return {
    partner,
    lifetime: lifetime.map((total) => ({
      basis: total.basis,
      sourced: moneyAnswer(total.sourced, reporting_currency),
      influenced_gross: moneyAnswer(total.influenced_gross, reporting_currency),
    })),
    owed: owed.map(({ currency, closing }) => moneyAnswer(closing, currency)),
  };
}
