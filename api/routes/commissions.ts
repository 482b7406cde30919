// /v1/commissions: what is owed and how it came about: the roll-forward, ledger entries, what is expected and what earns nothing.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { aging, agingTotals } from '../aging.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import { Month } from '../columns.ts';
import { ApiProblem } from '../errors.ts';
import { conditions, currencyCode, date, id, monthRange, partnerId } from '../filters.ts';
import { liability, liabilityTotals } from '../liability.ts';
import { resellerMargins, resoldInvoices } from '../margins.ts';
import {
  Aging,
  AgingAnswer,
  Contingent,
  Entry,
  Liability,
  LiabilityAnswer,
  ResellerMargin,
  ResoldInvoice,
  Unearned,
} from '../schemas.ts';

const currency = currencyCode.optional();

const resold = { ...monthRange, partner_id: partnerId.optional(), currency };

export function commissionRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/commissions/liability',
    roles: staff,
    tag: 'Commissions',
    summary: 'Commission liability: the roll-forward per partner, currency and month',
    description:
      'Without month, from, to or as_of: the month of the business clock. as_of: that month up to and including a date.',
    row: Liability,
    query: { ...monthRange, as_of: date.optional(), partner_id: partnerId.optional(), currency },
    ask({ release, query }) {
      if (query.as_of !== undefined && (query.month ?? query.from ?? query.to))
        throw new ApiProblem('parameter_invalid', 'Give as_of, or month (or from and to), not both.');
      return liability(release, query);
    },
    extend: ({ release, query }) => liabilityTotals(release, query),
    schema: LiabilityAnswer,
  });
  listRoute(app, services, {
    url: '/v1/commissions/aging',
    roles: staff,
    tag: 'Commissions',
    summary: 'What is owed by what it waits for: hold, approval, payout, dispute; and what is overdue',
    description:
      'As of the end of a day, by default that of the business clock. It adds up to the closing of the roll-forward.',
    row: Aging,
    query: { as_of: date.optional(), partner_id: partnerId.optional(), currency },
    ask: ({ release, query }) => aging(release, query),
    extend: ({ release, query }) => agingTotals(release, query),
    schema: AgingAnswer,
  });
  listRoute(app, services, {
    url: '/v1/commissions/entries',
    roles: staff,
    tag: 'Commissions',
    summary: 'Ledger entries',
    row: Entry,
    query: {
      month: Month.optional().describe('The month an entry stands in'),
      partner_id: partnerId.optional(),
      entry_type: z.string().max(40).optional(),
      currency,
      deal_id: id.optional(),
      invoice_id: id.optional(),
      invoice_line_id: id.optional(),
    },
    ask({ query }) {
      const { where, parameters } = conditions(
        [`posted_month = CAST($month || '-01' AS DATE)`, { month: query.month }],
        ['entry.partner_id = $partner_id', { partner_id: query.partner_id }],
        ['entry_type = $entry_type', { entry_type: query.entry_type }],
        ['entry.currency = $currency', { currency: query.currency }],
        ['deal_id = $deal_id', { deal_id: query.deal_id }],
        ['invoice_id = $invoice_id', { invoice_id: query.invoice_id }],
        ['invoice_line_id = $invoice_line_id', { invoice_line_id: query.invoice_line_id }],
      );
      return {
        sql: `SELECT entry.*, dim_partner.name AS partner_name
          FROM fct_commission_entry AS entry LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'effective_date' }, { name: 'entry_id' }],
      };
    },
  });
  listRoute(app, services, {
    url: '/v1/commissions/contingent',
    roles: staff,
    tag: 'Commissions',
    summary: 'Commission expected on open invoices, beside the ledger',
    row: Contingent,
    table: 'fct_commission_contingent',
    query: { partner_id: partnerId.optional(), currency },
    ask({ query }) {
      const { where, parameters } = conditions(
        ['contingent.partner_id = $partner_id', { partner_id: query.partner_id }],
        ['contingent.currency = $currency', { currency: query.currency }],
      );
      return {
        sql: `SELECT contingent.*, dim_partner.name AS partner_name, dim_deal.name AS deal_name, invoice_id AS explain_id
          FROM fct_commission_contingent AS contingent
          LEFT JOIN dim_partner USING (partner_id) LEFT JOIN dim_deal USING (deal_id) ${where}`,
        parameters,
        order: ['partner_id', 'currency', 'deal_id', 'invoice_id'].map((name) => ({ name })),
      };
    },
  });
  listRoute(app, services, {
    url: '/v1/commissions/unearned',
    roles: staff,
    tag: 'Commissions',
    summary: 'Won deals on which a partner earns nothing, and why',
    row: Unearned,
    table: 'fct_commission_zero',
    query: { partner_id: partnerId.optional(), reason: z.string().max(60).optional() },
    ask({ query }) {
      const { where, parameters } = conditions(
        ['zero.partner_id = $partner_id', { partner_id: query.partner_id }],
        ['reason = $reason', { reason: query.reason }],
      );
      return {
        sql: `SELECT zero.*, dim_partner.name AS partner_name, dim_deal.name AS deal_name, deal_id AS explain_id
          FROM fct_commission_zero AS zero
          LEFT JOIN dim_partner USING (partner_id) LEFT JOIN dim_deal USING (deal_id) ${where}`,
        parameters,
        order: ['deal_id', 'partner_id', 'role'].map((name) => ({ name })),
      };
    },
  });
  listRoute(app, services, {
    url: '/v1/commissions/margins',
    roles: staff,
    tag: 'Commissions',
    summary: 'What resellers keep: list price less net, per partner and currency',
    description: 'Of the invoices issued in a month or from one to another; without, of all.',
    row: ResellerMargin,
    table: 'fct_reseller_margin',
    query: resold,
    ask: ({ query }) => resellerMargins(query),
  });
  listRoute(app, services, {
    url: '/v1/commissions/margins/invoices',
    roles: staff,
    tag: 'Commissions',
    summary: 'What resellers keep, invoice by invoice, the latest first',
    row: ResoldInvoice,
    table: 'fct_reseller_margin',
    query: resold,
    ask: ({ query }) => resoldInvoices(query),
  });
}
