// /v1/attribution: credit in money per party, under each method.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import {
  basis,
  conditions,
  currencyMode,
  type MonthRange,
  monthFilters,
  monthRange,
  requireMethod,
  top,
} from '../filters.ts';
import type { ListQuery } from '../lists.ts';
import type { Release } from '../release-store.ts';
import { AttributionRow, motions, partyKinds } from '../schemas.ts';
import { currencyFilter } from './revenue.ts';

const groups = ['month', 'party', 'partner', 'party_kind', 'motion'] as const;
type Group = (typeof groups)[number];

const groupBy = z
  .string()
  .regex(/^[a-z_]+(,[a-z_]+)*$/)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(groups)))
  .default(['party'])
  .describe(
    `A comma list of ${groups.join(', ')}. party: each partner and channel; partner: each partner, the channels as one row, the unattributed as one. Every grouping adds up to the same total`,
  );

export function attributionRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/attribution',
    roles: staff,
    tag: 'Revenue',
    summary: 'Credit per party under each attribution method',
    row: AttributionRow,
    query: {
      ...monthRange,
      method: z.string().max(40).optional().describe('One method; all of them where left out'),
      basis: basis.default('paid'),
      group_by: groupBy,
      currency: currencyMode,
      party_kind: z.enum(partyKinds).optional(),
      motion: z.enum(motions).optional(),
      top: top.describe(
        'Of the partners only those with the most credit under any method; channels and the unattributed stay',
      ),
    },
    ask({ release, query }) {
      requireMethod(release, query.method);
      return credit(release, query);
    },
  });
}

interface CreditQuery extends MonthRange {
  readonly method?: string | undefined;
  readonly basis: string;
  readonly group_by: readonly Group[];
  readonly currency: string;
  readonly party_kind?: string | undefined;
  readonly motion?: string | undefined;
  readonly top?: number | undefined;
}

function credit(release: Release, query: CreditQuery): ListQuery {
  const has = (...names: Group[]) => names.some((name) => query.group_by.includes(name));
  const isReporting = query.currency === 'reporting';
  const { where, parameters } = conditions(
    ...monthFilters(query),
    ['basis = $basis', { basis: query.basis }],
    ['method = $method', { method: query.method }],
    ['party_kind = $party_kind', { party_kind: query.party_kind }],
    ['motion = $motion', { motion: query.motion }],
    ...currencyFilter(query.currency),
  );
  const partyOnly = has('party') ? 'party_id' : has('partner') ? `if(party_kind = 'partner', party_id, NULL)` : 'NULL';
  return {
    sql: `
      WITH credited AS (
        SELECT monthly.*, dim_partner.name, dim_partner.motion
        FROM fct_attribution_monthly AS monthly
        LEFT JOIN dim_partner ON party_kind = 'partner' AND party_id = partner_id),
      ${query.top === undefined ? '' : chosen(where)}
      grouped AS (
        SELECT CAST(${has('month') ? 'month' : 'NULL'} AS DATE) AS month,
          CAST(${has('party', 'partner', 'party_kind') ? 'party_kind' : 'NULL'} AS VARCHAR) AS party_kind,
          CAST(${partyOnly} AS VARCHAR) AS party_id,
          CAST(${has('party', 'partner', 'motion') ? 'motion' : 'NULL'} AS VARCHAR) AS motion,
          method, basis,
          ${isReporting ? `'${release.manifest.reporting_currency}'` : 'currency'} AS currency,
          CAST(coalesce(sum(${isReporting ? 'reporting_amount_minor' : 'amount_minor'}), 0) AS BIGINT) AS amount_minor,
          CAST(coalesce(sum(reporting_amount_minor), 0) AS BIGINT) AS reporting_amount_minor
        FROM credited ${where} ${query.top === undefined ? '' : `AND (party_kind <> 'partner' OR party_id IN (FROM chosen))`} GROUP BY ALL)
      SELECT grouped.*,
        coalesce(dim_partner.name, if(party_kind = 'channel', party_id, NULL)) AS party_name,
        CASE WHEN ${has('party') && has('month')} THEN 'party/' || party_kind || '/' || party_id || '/'
          || strftime(month, '%Y-%m') || '/' || basis || '/' || method END AS explain_id,
        coalesce(grouped.month, DATE '0001-01-01') AS order_month,
        ${partyRank('party_kind')} AS order_kind,
        coalesce(party_id, '') AS order_party, coalesce(grouped.motion, '') AS order_motion
      FROM grouped LEFT JOIN dim_partner ON party_kind = 'partner' AND party_id = partner_id`,
    parameters: query.top === undefined ? parameters : { ...parameters, top: query.top },
    order: ['order_month', 'method', 'order_kind', 'order_party', 'order_motion', 'currency'].map((name) => ({ name })),
  };
}

/** SQL: the partners with the most credit under any method. */
function chosen(where: string): string {
  return `chosen AS (
        SELECT party_id FROM (
          SELECT party_id, method, sum(reporting_amount_minor) AS credit_minor
          FROM credited ${where} AND party_kind = 'partner' GROUP BY ALL)
        GROUP BY party_id ORDER BY max(credit_minor) DESC, party_id LIMIT CAST($top AS BIGINT)),`;
}

/** SQL: partners before channels before the unattributed (fine-print 1). */
function partyRank(column: string): string {
  return `CASE ${column} WHEN 'partner' THEN '1' WHEN 'channel' THEN '2' WHEN 'unattributed' THEN '3' ELSE '0' END`;
}
