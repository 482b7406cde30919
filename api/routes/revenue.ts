// /v1/revenue: the company's months, and those of its partners side by side; /v1/window-sensitivity: what other windows would give.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import { basis, conditions, currencyMode, type MonthRange, monthFilters, monthRange, top } from '../filters.ts';
import type { ListQuery } from '../lists.ts';
import type { Release } from '../release-store.ts';
import { PartnerRevenueMonth, RevenueMonth, UnlinkedMoney, WindowSensitivity } from '../schemas.ts';

export function revenueRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/revenue/monthly',
    roles: staff,
    tag: 'Revenue',
    summary: 'Revenue by month: total, sourced, influenced, unlinked',
    row: RevenueMonth,
    query: { ...monthRange, basis: basis.optional(), currency: currencyMode },
    ask: ({ release, query }) => companyMonths(release, query),
  });
  listRoute(app, services, {
    url: '/v1/revenue/partners',
    roles: staff,
    tag: 'Revenue',
    summary: 'Revenue by partner and month',
    row: PartnerRevenueMonth,
    query: {
      ...monthRange,
      basis: basis.default('paid'),
      currency: currencyMode,
      top: top.describe('Only the partners with the most sourced revenue in the range'),
    },
    ask: ({ release, query }) => partnerMonths(release, query),
  });
  listRoute(app, services, {
    url: '/v1/revenue/unlinked',
    roles: staff,
    tag: 'Revenue',
    summary: 'Money that no deal could be found for, with the reason',
    row: UnlinkedMoney,
    query: { ...monthRange, basis: basis.optional(), reason: z.string().max(60).optional() },
    ask({ query }) {
      const { where, parameters } = conditions(
        ...monthFilters(query),
        ['basis = $basis', { basis: query.basis }],
        ['reason = $reason', { reason: query.reason }],
      );
      return {
        sql: `SELECT *, invoice_id AS explain_id FROM fct_unlinked_money ${where}`,
        parameters,
        order: ['month', 'basis', 'invoice_id', 'currency'].map((name) => ({ name })),
      };
    },
  });
  listRoute(app, services, {
    url: '/v1/window-sensitivity',
    roles: staff,
    tag: 'Revenue',
    summary: 'Sourced and influenced revenue under 30, 60, 90, 180 and 365 days beside the own windows',
    description: 'The lookback of journeys and the window of partner leads change together; nothing else does.',
    row: WindowSensitivity,
    table: 'fct_window_sensitivity',
    query: { ...monthRange, basis: basis.optional(), currency: currencyMode },
    ask: ({ release, query }) => windowMonths(release, query),
  });
}

const companyAmounts = ['total', 'sourced', 'influenced_distinct', 'partner_involved', 'unlinked'];

interface CompanyQuery extends MonthRange {
  readonly basis?: string | undefined;
  readonly currency: string;
}

function companyMonths(release: Release, query: CompanyQuery): ListQuery {
  const { where, parameters } = conditions(...revenueFilters(query));
  return {
    sql: `
      SELECT month, basis, ${amounts(release, query.currency, companyAmounts)},
        CAST(${query.currency === 'reporting' ? 'NULL' : 'coalesce(sum(unconverted_minor), 0)'} AS BIGINT) AS unconverted_minor,
        'revenue/' || strftime(month, '%Y-%m') || '/' || basis AS explain_id
      FROM fct_revenue_monthly ${where} GROUP BY ALL`,
    parameters,
    order: [{ name: 'month' }, { name: 'basis' }, { name: 'currency' }],
  };
}

const windowAmounts = ['sourced', 'influenced_distinct', 'partner_involved'];

/** Only the own windows are explained: the others are of no record, they tell what would be. */
function windowMonths(release: Release, query: CompanyQuery): ListQuery {
  const { where, parameters } = conditions(...revenueFilters(query));
  return {
    sql: `
      SELECT window_days, is_configured, if(is_configured, 0, 1) AS order_count, month, basis, ${amounts(release, query.currency, windowAmounts)},
        CAST(sum(sourced_deal_count) AS BIGINT) AS sourced_deal_count,
        CAST(sum(influenced_deal_count) AS BIGINT) AS influenced_deal_count,
        if(is_configured, 'revenue/' || strftime(month, '%Y-%m') || '/' || basis, NULL) AS explain_id
      FROM fct_window_sensitivity ${where} GROUP BY ALL`,
    parameters,
    order: ['month', 'basis', 'window_days', 'order_count', 'currency'].map((name) => ({ name })),
  };
}

const partnerAmounts = ['sourced', 'influenced_gross'];

export interface PartnerMonthsQuery extends CompanyQuery {
  readonly partner_id?: string | undefined;
  readonly top?: number | undefined;
}

/** Months of one partner, of the `top` partners by sourced revenue, or of all. */
export function partnerMonths(release: Release, query: PartnerMonthsQuery): ListQuery {
  const { where, parameters } = conditions(...revenueFilters(query), [
    'partner_id = $partner_id',
    { partner_id: query.partner_id },
  ]);
  const top = `WHERE partner_id IN (
    SELECT partner_id FROM chosen GROUP BY partner_id
    ORDER BY sum(reporting_sourced_minor) DESC, partner_id LIMIT CAST($top AS BIGINT))`;
  return {
    sql: `
      WITH chosen AS (SELECT * FROM fct_partner_revenue_monthly ${where}),
      months AS (
        SELECT partner_id, month, basis, ${amounts(release, query.currency, partnerAmounts)},
          CAST(sum(deal_count) AS BIGINT) AS deal_count
        FROM chosen ${query.top === undefined ? '' : top} GROUP BY ALL)
      SELECT months.*, dim_partner.name AS partner_name,
        months.partner_id || '/' || strftime(month, '%Y-%m') AS explain_id
      FROM months LEFT JOIN dim_partner USING (partner_id)`,
    parameters: query.top === undefined ? parameters : { ...parameters, top: query.top },
    order: [{ name: 'month' }, { name: 'partner_id' }, { name: 'basis' }, { name: 'currency' }],
  };
}

function revenueFilters(query: CompanyQuery) {
  return [
    ...monthFilters(query),
    ['basis = $basis', { basis: query.basis }] as const,
    ...currencyFilter(query.currency),
  ];
}

export function currencyFilter(currency: string) {
  const code = currency === 'native' || currency === 'reporting' ? undefined : currency;
  return [['currency = $currency', { currency: code }] as const];
}

/** Sums of amounts and their reporting twins. Under `reporting` both are the twin: one row for all currencies. */
function amounts(release: Release, currency: string, names: readonly string[]): string {
  const isReporting = currency === 'reporting';
  const sum = (column: string, name: string) => `CAST(coalesce(sum(${column}), 0) AS BIGINT) AS ${name}`;
  return [
    isReporting ? `'${release.manifest.reporting_currency}' AS currency` : 'currency',
    ...names.map((name) => sum(isReporting ? `reporting_${name}_minor` : `${name}_minor`, `${name}_minor`)),
    ...names.map((name) => sum(`reporting_${name}_minor`, `reporting_${name}_minor`)),
  ].join(', ');
}
