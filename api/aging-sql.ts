// The query of aging: what is left of held, awaiting and payable amounts, the oldest taken first, as of a date.
import { asOfDate, conditions } from './filters.ts';
import { changeOf, sumOf } from './ledger-sql.ts';
import type { ListQuery } from './lists.ts';
import type { Release } from './release-store.ts';

export interface AgingQuery {
  readonly as_of?: string | undefined;
  readonly partner_id?: string | undefined;
  readonly currency?: string | undefined;
}

/** Due and not paid for longer than so many days is overdue. */
export const OVERDUE_DAYS = 30;

/**
 * What is left of lots when the oldest go first: the newest lots hold the rest, the oldest one takes what remains, of either
 * sign. `lots` has the columns of the partition, `lot_date`, `lot_minor` and `rest_minor`.
 */
const leftOf = (lots: string, partition: string) => `
  SELECT *, CAST(CASE
      WHEN row_number() OVER (PARTITION BY ${partition} ORDER BY lot_date) = 1
        THEN rest_minor - least(greatest(rest_minor, 0), newer_minor)
      ELSE greatest(0, least(rest_minor - newer_minor, greatest(lot_minor, 0))) END AS BIGINT) AS left_minor
  FROM (SELECT *, coalesce(sum(greatest(lot_minor, 0)) OVER (
      PARTITION BY ${partition} ORDER BY lot_date DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS newer_minor
    FROM ${lots})`;

/** A part of a reporting amount in proportion to the native one; no part of nothing. */
const share = (reporting: string, part: string, whole: string) =>
  `CAST(CASE WHEN ${whole} = 0 THEN 0 ELSE CAST(${reporting} AS HUGEINT) * ${part} // ${whole} END AS BIGINT)`;

/**
 * One row a partner and currency; reporting twins where the date is a month end or the business clock's day and has a rate.
 * Without one the roll-forward carries on what was booked, all of it as accrued: that says nothing about the parts.
 */
export function agingQuery(release: Release, query: AgingQuery): ListQuery {
  const as_of = query.as_of ?? asOfDate(release);
  const { where, parameters } = conditions(
    ['effective_date <= CAST($as_of AS DATE)', { as_of }],
    [`posted_month <= date_trunc('month', CAST($as_of AS DATE))`, { as_of }],
    ['partner_id = $partner_id', { partner_id: query.partner_id }],
    ['currency = $currency', { currency: query.currency }],
  );
  const overdue = `lot_date < CAST($as_of AS DATE) - ${OVERDUE_DAYS}`;
  return {
    sql: `
      WITH entry AS (
        SELECT *, if(entry_type IN ('release', 'dispute_hold', 'dispute_release'), event_id, coalesce(invoice_id, deal_id)) AS lot_id
        FROM fct_commission_entry ${where}),
      balance AS (
        SELECT partner_id, currency, ${sumOf(changeOf('payable'), 'payable_minor')}, ${sumOf(changeOf('disputed'), 'disputed_minor')},
          ${sumOf(`-${changeOf('recoverable')}`, 'recoverable_minor')}, ${sumOf(changeOf('accrued'), 'accrued_minor')}
        FROM entry GROUP BY ALL),
      accrued_rest AS (
        SELECT partner_id, currency, lot_id, sum(${changeOf('accrued')}) AS rest_minor, min(held_until) AS first_date,
          max(held_until) AS last_date
        FROM entry GROUP BY ALL HAVING sum(${changeOf('accrued')}) <> 0),
      accrued_lot AS (
        SELECT partner_id, currency, lot_id, held_until AS lot_date, sum(${changeOf('accrued')}) AS lot_minor,
          any_value(rest_minor) AS rest_minor
        FROM entry JOIN accrued_rest USING (partner_id, currency, lot_id)
        WHERE held_until IS NOT NULL AND first_date <> last_date GROUP BY ALL),
      accrued AS (
        SELECT partner_id, currency, lot_date, left_minor
        FROM (${leftOf('accrued_lot', 'partner_id, currency, lot_id')})
        UNION ALL
        SELECT partner_id, currency, first_date, CAST(rest_minor AS BIGINT) FROM accrued_rest
        WHERE first_date IS NOT DISTINCT FROM last_date),
      held AS (
        SELECT partner_id, currency, ${sumOf('left_minor', 'held_minor', 'lot_date > CAST($as_of AS DATE)')},
          min(lot_date) FILTER (left_minor <> 0 AND lot_date > CAST($as_of AS DATE)) AS next_release_date,
          max(lot_date) FILTER (left_minor <> 0 AND lot_date > CAST($as_of AS DATE)) AS held_until,
          ${sumOf('left_minor', 'awaiting_minor', 'coalesce(lot_date <= CAST($as_of AS DATE), true)')},
          ${sumOf('left_minor', 'awaiting_overdue_minor', overdue)},
          min(lot_date) FILTER (left_minor > 0 AND lot_date <= CAST($as_of AS DATE)) AS awaiting_date
        FROM accrued GROUP BY ALL),
      payable_lot AS (
        SELECT partner_id, currency, effective_date AS lot_date, sum(amount_minor) AS lot_minor
        FROM entry WHERE credit_account = 'payable' GROUP BY ALL),
      payable AS (${leftOf(
        '(SELECT partner_id, currency, lot_date, lot_minor, payable_minor AS rest_minor FROM payable_lot JOIN balance USING (partner_id, currency) WHERE payable_minor <> 0)',
        'partner_id, currency',
      )}),
      paying AS (
        SELECT partner_id, currency, ${sumOf('left_minor', 'payable_overdue_minor', overdue)},
          min(lot_date) FILTER (left_minor > 0) AS payable_date
        FROM payable GROUP BY ALL),
      rate AS (
        SELECT partner_id, currency, reporting_accrued_balance_minor, reporting_payable_balance_minor,
          reporting_disputed_balance_minor, reporting_recoverable_balance_minor
        FROM fct_commission_liability
        WHERE month = date_trunc('month', CAST($as_of AS DATE))
          AND (CAST($as_of AS DATE) = last_day(CAST($as_of AS DATE)) OR $as_of = $today)),
      aged AS (
        SELECT balance.partner_id, balance.currency, coalesce(held_minor, 0) AS held_minor, next_release_date, held_until,
          coalesce(awaiting_minor, 0) AS awaiting_minor, payable_minor, disputed_minor, recoverable_minor, accrued_minor,
          coalesce(awaiting_overdue_minor, 0) AS awaiting_overdue_minor,
          coalesce(payable_overdue_minor, 0) AS payable_overdue_minor,
          least(awaiting_date, payable_date) AS due_since_date,
          reporting_accrued_balance_minor, reporting_payable_balance_minor, reporting_disputed_balance_minor,
          reporting_recoverable_balance_minor
        FROM balance LEFT JOIN held USING (partner_id, currency) LEFT JOIN paying USING (partner_id, currency)
        LEFT JOIN rate ON balance.partner_id = rate.partner_id AND balance.currency = rate.currency
          AND NOT (payable_minor <> 0 AND reporting_payable_balance_minor = 0)
          AND NOT (disputed_minor <> 0 AND reporting_disputed_balance_minor = 0)
          AND NOT (recoverable_minor <> 0 AND reporting_recoverable_balance_minor = 0))
      SELECT aged.partner_id, dim_partner.name AS partner_name, aged.currency, CAST($as_of AS DATE) AS as_of_date,
        held_minor, next_release_date, held_until, awaiting_minor, payable_minor, disputed_minor, recoverable_minor,
        CAST(awaiting_overdue_minor + payable_overdue_minor AS BIGINT) AS overdue_minor, due_since_date,
        CAST(accrued_minor + payable_minor + disputed_minor - recoverable_minor AS BIGINT) AS closing_minor,
        ${share('reporting_accrued_balance_minor', 'held_minor', 'accrued_minor')} AS reporting_held_minor,
        reporting_accrued_balance_minor - ${share('reporting_accrued_balance_minor', 'held_minor', 'accrued_minor')}
          AS reporting_awaiting_minor,
        reporting_payable_balance_minor AS reporting_payable_minor,
        reporting_disputed_balance_minor AS reporting_disputed_minor,
        reporting_recoverable_balance_minor AS reporting_recoverable_minor,
        ${share('reporting_accrued_balance_minor', 'awaiting_overdue_minor', 'accrued_minor')}
          + ${share('reporting_payable_balance_minor', 'payable_overdue_minor', 'payable_minor')} AS reporting_overdue_minor,
        CAST(reporting_accrued_balance_minor + reporting_payable_balance_minor + reporting_disputed_balance_minor
          - reporting_recoverable_balance_minor AS BIGINT) AS reporting_closing_minor,
        'liability/' || aged.partner_id || '/' || strftime(CAST($as_of AS DATE), '%Y-%m') || '/' || aged.currency AS explain_id
      FROM aged LEFT JOIN dim_partner ON aged.partner_id = dim_partner.partner_id
      WHERE accrued_minor <> 0 OR payable_minor <> 0 OR disputed_minor <> 0 OR recoverable_minor <> 0`,
    parameters: { ...parameters, as_of, today: asOfDate(release) },
    order: [{ name: 'partner_id' }, { name: 'currency' }],
  };
}
