// The partner programme: activation, overlap of accounts, speed to lead, health of registrations.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import { conditions, monthFilters, monthRange, partnerId } from '../filters.ts';
import {
  Activation,
  LeadResponse,
  LeadResponseBand,
  LeadResponseSummary,
  Overlap,
  OverlapSummary,
  RegistrationDecision,
  RegistrationHealth,
} from '../schemas.ts';

/** Where one band of response times ends and the next begins: 15 minutes, 1 hour, 4 hours, 1, 3 and 7 days. */
const bandEnds_minutes = [15, 60, 240, 1440, 4320, 10_080];

const shared = { roles: staff, tag: 'Partners' };

export function programmeRoutes(app: FastifyInstance, services: ApiServices): void {
  partnerSignals(app, services);
  leadRoutes(app, services);
  registrationRoutes(app, services);
}

/** What partners do, and whom both sides know. */
function partnerSignals(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    ...shared,
    url: '/v1/activation',
    summary: 'First and latest commercial event of each partner',
    row: Activation,
    table: 'fct_partner_activation',
    query: { is_active: z.enum(['true', 'false']).optional() },
    ask({ query }) {
      const { where, parameters } = conditions([
        'is_active = CAST($is_active AS BOOLEAN)',
        { is_active: query.is_active },
      ]);
      return {
        sql: `SELECT activation.*, dim_partner.name AS partner_name
          FROM (FROM fct_partner_activation SELECT * REPLACE (coalesce(is_active, false) AS is_active)) AS activation
          LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'partner_id' }],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/overlaps',
    summary: 'Accounts that both sides know, by population',
    description: 'A signal, never influence.',
    row: Overlap,
    table: 'fct_account_overlap',
    query: { partner_id: partnerId.optional() },
    ask({ query }) {
      const { where, parameters } = conditions(['overlap.partner_id = $partner_id', { partner_id: query.partner_id }]);
      return {
        sql: `SELECT overlap.*, dim_partner.name AS partner_name
          FROM fct_account_overlap AS overlap LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'partner_id' }, { name: 'our_population' }, { name: 'partner_population' }],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/overlaps/summary',
    summary: 'The same over all partners, each account once',
    row: OverlapSummary,
    table: 'fct_account_overlap_summary',
    query: {},
    ask: () => ({
      sql: 'SELECT * FROM fct_account_overlap_summary',
      order: [{ name: 'our_population' }, { name: 'partner_population' }],
    }),
  });
}

function leadRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    ...shared,
    url: '/v1/leads',
    summary: "Partners' leads with our response; the longest waiting first",
    row: LeadResponse,
    table: 'fct_lead_response',
    query: { partner_id: partnerId.optional(), waiting: z.enum(['true', 'false']).optional() },
    ask({ query }) {
      const { where, parameters } = conditions(
        ['lead.partner_id = $partner_id', { partner_id: query.partner_id }],
        ['(waiting_minutes IS NOT NULL) = CAST($waiting AS BOOLEAN)', { waiting: query.waiting }],
      );
      return {
        sql: `SELECT lead.*, dim_partner.name AS partner_name, coalesce(waiting_minutes, -1) AS order_count
          FROM fct_lead_response AS lead LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'order_count', descending: true }, { name: 'lead_id' }],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/leads/response',
    summary: 'Speed to lead: median and 90th percentile of the company, each partner and each owner',
    row: LeadResponseSummary,
    table: 'fct_lead_response_summary',
    query: {},
    ask: () => ({
      sql: `SELECT summary.* REPLACE (coalesce(scope_id, '') AS scope_id), if(scope_kind = 'partner', name, scope_id) AS scope_name
        FROM fct_lead_response_summary AS summary LEFT JOIN dim_partner ON scope_kind = 'partner' AND partner_id = scope_id`,
      order: [{ name: 'scope_kind' }, { name: 'scope_id' }],
    }),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/leads/distribution',
    summary: 'Speed to lead: how many leads were answered, or are waiting, within each band of time',
    row: LeadResponseBand,
    table: 'fct_lead_response',
    query: { partner_id: partnerId.optional() },
    ask({ query }) {
      const { where, parameters } = conditions(['partner_id = $partner_id', { partner_id: query.partner_id }]);
      const bands = [0, ...bandEnds_minutes].map((from, index) => `(${from}, ${bandEnds_minutes[index] ?? 'NULL'})`);
      return {
        sql: `WITH lead AS (FROM fct_lead_response ${where}),
          band(from_minutes, to_minutes) AS (VALUES ${bands.join(', ')})
          SELECT from_minutes, to_minutes, count(response_minutes) AS responded_count, count(waiting_minutes) AS waiting_count
          FROM band LEFT JOIN lead ON coalesce(response_minutes, waiting_minutes) >= from_minutes
            AND coalesce(response_minutes, waiting_minutes) < coalesce(to_minutes, 9223372036854775807)
          GROUP BY ALL`,
        parameters,
        order: [{ name: 'from_minutes' }],
      };
    },
  });
}

function registrationRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    ...shared,
    url: '/v1/registrations/health',
    summary: 'Registrations by partner and month: volume, decisions, contests',
    row: RegistrationHealth,
    table: 'fct_registration_health',
    query: { ...monthRange, partner_id: partnerId.optional() },
    ask({ query }) {
      const { where, parameters } = conditions(...monthFilters(query), [
        'health.partner_id = $partner_id',
        { partner_id: query.partner_id },
      ]);
      return {
        sql: `SELECT health.*, dim_partner.name AS partner_name
          FROM fct_registration_health AS health LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'month' }, { name: 'partner_id' }],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/registrations/decisions',
    summary: 'From submission to decision: median and 90th percentile of all partners and of each',
    description: 'Of the registrations submitted in the months asked for that are decided.',
    row: RegistrationDecision,
    table: 'fct_registration',
    query: monthRange,
    ask({ query, release }) {
      const { where, parameters } = conditions(...monthFilters(query));
      return {
        sql: `WITH decided AS (
            SELECT partner_id, CAST(date_trunc('month', timezone($time_zone, submitted_at)) AS DATE) AS month,
              greatest(0, (epoch_us(decided_at) - epoch_us(submitted_at)) // 60000000) AS minutes
            FROM fct_registration WHERE decided_at <= CAST($as_of AS TIMESTAMPTZ)),
          wanted AS (FROM decided ${where})
          SELECT if(partner_id IS NULL, 'all', 'partner') AS scope_kind, partner_id, any_value(dim_partner.name) AS partner_name,
            count(*) AS decided_count, quantile_disc(minutes, 0.5) AS median_decision_minutes,
            quantile_disc(minutes, 0.9) AS p90_decision_minutes, coalesce(partner_id, '') AS order_id
          FROM (SELECT NULL AS partner_id, minutes FROM wanted UNION ALL SELECT partner_id, minutes FROM wanted)
          LEFT JOIN dim_partner USING (partner_id) GROUP BY partner_id`,
        parameters: { ...parameters, time_zone: release.manifest.time_zone, as_of: release.manifest.as_of },
        order: [{ name: 'order_id' }],
      };
    },
  });
}
