// What resellers keep of the list price (domain.md 8): per partner and currency, and invoice by invoice.
import { type Conditions, conditions, type MonthRange, monthFilters } from './filters.ts';
import type { ListQuery } from './lists.ts';

export interface MarginQuery extends MonthRange {
  readonly partner_id?: string | undefined;
  readonly currency?: string | undefined;
}

/** Sums over the invoices of the months, of all of them without any. */
export function resellerMargins(query: MarginQuery): ListQuery {
  const { where, parameters } = resold(query);
  const sums = ['list_minor', 'net_minor', 'margin_minor', 'unpriced_lines'].map(
    (column) => `CAST(sum(${column}) AS BIGINT) AS ${column}`,
  );
  return {
    sql: `SELECT partner_id, any_value(dim_partner.name) AS partner_name, margin.currency, count(*) AS invoice_count, ${sums.join()}
      FROM fct_reseller_margin AS margin LEFT JOIN dim_partner USING (partner_id) ${where}
      GROUP BY partner_id, margin.currency`,
    parameters,
    order: [{ name: 'partner_id' }, { name: 'currency' }],
  };
}

/** The invoices, the latest first. */
export function resoldInvoices(query: MarginQuery): ListQuery {
  const { where, parameters } = resold(query);
  return {
    sql: `SELECT margin.*, dim_partner.name AS partner_name, dim_deal.name AS deal_name, invoice_id AS explain_id
      FROM fct_reseller_margin AS margin
      LEFT JOIN dim_partner USING (partner_id) LEFT JOIN dim_deal USING (deal_id) ${where}`,
    parameters,
    order: [{ name: 'month', descending: true }, { name: 'invoice_id' }],
  };
}

function resold(query: MarginQuery): Conditions {
  return conditions(
    ...monthFilters(query),
    ['margin.partner_id = $partner_id', { partner_id: query.partner_id }],
    ['margin.currency = $currency', { currency: query.currency }],
  );
}
