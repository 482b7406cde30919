// The questions about several deals: deals by revenue, and the claims that lost.
import { evidenceKey } from './explain/source-record.ts';
import { conditions } from './filters.ts';
import type { ListQuery } from './lists.ts';

interface DealsQuery {
  readonly deal_id?: string;
  readonly partner_id?: string | undefined;
  readonly role?: 'sourced' | 'influenced' | 'any';
  readonly state?: string | undefined;
  readonly search?: string | undefined;
  readonly account_id?: string | undefined;
  readonly month?: string | undefined;
  readonly basis?: string | undefined;
  readonly gap?: (typeof dealGaps)[number] | undefined;
}

/** Where attribution breaks, of the kinds that are deals' own (fct_attribution_gap). */
export const dealGaps = ['contested_deal', 'deal_without_touches', 'deal_without_account', 'undated_deal'] as const;

const gapIs = `state <> 'lost' AND CASE $gap
  WHEN 'contested_deal' THEN coalesce(conflict_count, 0) > 0
  WHEN 'deal_without_touches' THEN deal_id IN (SELECT deal_id FROM fct_attribution_weight WHERE party_kind = 'unattributed')
  WHEN 'deal_without_account' THEN account_id IS NULL
  ELSE dim_deal.created_at IS NULL END`;

const partnerIs = {
  sourced: 'sourcing.partner_id = $partner_id',
  influenced: 'deal_id IN (SELECT deal_id FROM fct_deal_influence WHERE partner_id = $partner_id)',
  any: 'sourcing.partner_id = $partner_id OR deal_id IN (SELECT deal_id FROM fct_deal_influence WHERE partner_id = $partner_id)',
} as const;

/** Deals by reporting revenue: on the basis and in the month asked for, of a gap what is at stake, else all that was paid. */
export function deals(query: DealsQuery): ListQuery {
  const { where, parameters } = conditions(
    ['deal_id = $deal_id', { deal_id: query.deal_id }],
    [partnerIs[query.role ?? 'any'], { partner_id: query.partner_id }],
    ['state = $state', { state: query.state }],
    ['account_id = $account_id', { account_id: query.account_id }],
    [gapIs, { gap: query.gap }],
    [
      `contains(lower(concat_ws(' ', dim_deal.name, dim_account.name, deal_id)), lower($search))`,
      { search: query.search?.trim() },
    ],
  );
  const isAtStake = query.gap !== undefined && query.basis === undefined;
  const money = conditions(
    isAtStake ? [`basis IN ('pipeline', 'booked')`, {}] : ['basis = $basis', { basis: query.basis ?? 'paid' }],
    [`month = CAST($month || '-01' AS DATE)`, { month: query.month }],
  );
  const isNarrow = query.month !== undefined || query.basis !== undefined;
  return {
    sql: `
      WITH ranked AS (
        SELECT deal_id, CAST(sum(reporting_amount_minor) AS BIGINT) AS revenue_minor, bool_or(amount_minor <> 0) AS has_money
        FROM fct_deal_money ${money.where} GROUP BY deal_id),
      paid AS (
        SELECT deal_id, CAST(sum(reporting_amount_minor) AS BIGINT) AS paid_minor
        FROM fct_deal_money WHERE basis = 'paid' GROUP BY deal_id),
      influence AS (SELECT deal_id, count(*) AS influence_count FROM fct_deal_influence GROUP BY deal_id)
      SELECT dim_deal.*, dim_account.name AS account_name,
        sourcing.partner_id AS sourcing_partner_id, dim_partner.name AS sourcing_partner_name,
        rule AS sourcing_rule, evidence_id AS sourcing_evidence_id, evidence_at AS sourcing_evidence_at,
        coalesce(conflict_count, 0) AS conflict_count, coalesce(influence_count, 0) AS influence_count,
        coalesce(paid_minor, 0) AS paid_minor, coalesce(revenue_minor, 0) AS revenue_minor, deal_id AS explain_id
      FROM dim_deal
      LEFT JOIN fct_deal_sourcing AS sourcing USING (deal_id)
      LEFT JOIN dim_partner ON dim_partner.partner_id = sourcing.partner_id
      LEFT JOIN dim_account USING (account_id)
      ${isNarrow ? 'JOIN (FROM ranked WHERE has_money) AS ranked' : 'LEFT JOIN ranked'} USING (deal_id)
      LEFT JOIN paid USING (deal_id) LEFT JOIN influence USING (deal_id)
      ${where}`,
    parameters: { ...parameters, ...money.parameters },
    order: [{ name: 'revenue_minor', descending: true }, { name: 'deal_id' }],
  };
}

interface ConflictsQuery {
  readonly partner_id?: string | undefined;
  readonly deal_id?: string | undefined;
}

/** Claims by what is at stake: the deal's amount while it is open or once it is won, nothing where it was lost. */
export function conflicts(query: ConflictsQuery): ListQuery {
  const { where, parameters } = conditions(
    ['conflict.partner_id = $partner_id', { partner_id: query.partner_id }],
    ['deal_id = $deal_id', { deal_id: query.deal_id }],
  );
  const stake = conditions([`basis IN ('pipeline', 'booked')`, {}], ['deal_id = $deal_id', { deal_id: query.deal_id }]);
  return {
    sql: `
      WITH stake AS (
        SELECT deal_id, CAST(sum(reporting_amount_minor) AS BIGINT) AS at_stake_minor
        FROM fct_deal_money ${stake.where} GROUP BY deal_id)
      SELECT deal_id, dim_deal.name AS deal_name, dim_account.name AS account_name, state, dim_deal.currency,
        dim_deal.amount_minor, coalesce(at_stake_minor, 0) AS at_stake_minor, sourcing.partner_id AS winner_partner_id, winner.name AS winner_partner_name,
        sourcing.rule AS winner_rule, conflict.partner_id, loser.name AS partner_name, conflict.evidence_id,
        ${evidenceKey('conflict.rule', 'conflict.evidence_id')} AS evidence_explain_id, conflict.reason, deal_id AS explain_id, coalesce(conflict.rule, '') AS order_rule
      FROM fct_registration_conflict AS conflict
      JOIN dim_deal USING (deal_id)
      LEFT JOIN stake USING (deal_id)
      LEFT JOIN dim_account USING (account_id)
      LEFT JOIN fct_deal_sourcing AS sourcing USING (deal_id)
      LEFT JOIN dim_partner AS winner ON winner.partner_id = sourcing.partner_id
      LEFT JOIN dim_partner AS loser ON loser.partner_id = conflict.partner_id
      ${where}`,
    parameters,
    order: [
      { name: 'at_stake_minor', descending: true },
      ...['deal_id', 'partner_id', 'evidence_id', 'order_rule'].map((name) => ({ name })),
    ],
  };
}
