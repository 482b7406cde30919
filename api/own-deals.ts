// A partner's own deals, and those of them that are open by stage: the questions behind /v1/me.
import { ageDaysSql, conditions, localDateSql } from './filters.ts';
import type { ListQuery } from './lists.ts';

interface OwnQuery {
  readonly partner_id: string;
  readonly role?: string | undefined;
  /** Of `clockOf`. */
  readonly today: string;
  readonly time_zone: string;
}

interface OwnDealsQuery extends OwnQuery {
  readonly state?: string | undefined;
  readonly deal_id?: string | undefined;
}

const own = `
  SELECT deal_id, 'sourced' AS role, rule FROM fct_deal_sourcing WHERE partner_id = $partner_id
  UNION ALL SELECT deal_id, 'influenced', NULL FROM fct_deal_influence WHERE partner_id = $partner_id`;

export function ownDeals({ partner_id, today, time_zone, state, role, deal_id }: OwnDealsQuery): ListQuery {
  const { where, parameters } = conditions(
    ['own.role = $role', { role }],
    ['state = $state', { state }],
    ['own.deal_id = $deal_id', { deal_id }],
  );
  return {
    sql: `
      WITH own AS (${own}),
      paid AS (
        SELECT deal_id, CAST(sum(reporting_amount_minor) AS BIGINT) AS paid_minor
        FROM fct_deal_money WHERE basis = 'paid' GROUP BY deal_id)
      SELECT dim_deal.*, own.role, rule, dim_account.name AS account_name,
        if(zero.reason LIKE '%_locked', 'locked', zero.reason) AS unearned_reason, coalesce(paid_minor, 0) AS paid_minor,
        if(state = 'open', ${ageDaysSql('dim_deal.created_at')},
          date_diff('day', ${localDateSql('dim_deal.created_at')}, ${localDateSql('closed_at')})) AS age_days,
        coalesce(dim_deal.created_at, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS order_at
      FROM own JOIN dim_deal USING (deal_id) LEFT JOIN dim_account USING (account_id) LEFT JOIN paid USING (deal_id)
      LEFT JOIN fct_commission_zero AS zero
        ON own.deal_id = zero.deal_id AND own.role = zero.role AND zero.partner_id = $partner_id
      ${where}`,
    parameters: { ...parameters, partner_id, today, time_zone },
    order: [{ name: 'order_at', descending: true }, { name: 'deal_id' }, { name: 'role' }],
  };
}

/** Open deals by stage, role and currency: the basis `pipeline` of one partner, and those that no month has. */
export function ownPipeline({ partner_id, today, time_zone, role }: OwnQuery): ListQuery {
  const { where, parameters } = conditions([`state = 'open'`, {}], ['role = $role', { role }]);
  return {
    sql: `
      WITH own AS (${own}),
      pipeline AS (
        SELECT deal_id, sum(reporting_amount_minor) AS reporting_amount_minor
        FROM fct_deal_money WHERE basis = 'pipeline' GROUP BY deal_id)
      SELECT coalesce(stage, '') AS stage, role, currency, count(*) AS deal_count,
        CAST(sum(amount_minor) AS BIGINT) AS amount_minor,
        CAST(coalesce(sum(reporting_amount_minor), 0) AS BIGINT) AS reporting_amount_minor,
        max(${ageDaysSql('created_at')}) AS oldest_days
      FROM own JOIN dim_deal USING (deal_id) LEFT JOIN pipeline USING (deal_id)
      ${where} GROUP BY ALL`,
    parameters: { ...parameters, partner_id, today, time_zone },
    order: [{ name: 'stage' }, { name: 'role' }, { name: 'currency' }],
  };
}
