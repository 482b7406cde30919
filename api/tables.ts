// What the API reads of a release: each table's columns with their DuckDB type. The store binds a view with exactly these
// columns (and the method columns of the weights); a release written before a column or table existed gives null or no row for it, never an error.
// Grain and meaning are those of contract §6.

const money = (...names: string[]) => Object.fromEntries(names.map((name) => [`${name}_minor`, 'BIGINT']));
const twins = (...names: string[]) => money(...names, ...names.map((name) => `reporting_${name}`));
const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'VARCHAR']));
const instants = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'TIMESTAMPTZ']));
const dates = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'DATE']));
const counts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'BIGINT']));
const ratios = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'DOUBLE']));
const flags = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'BOOLEAN']));

export const releaseTables = {
  dim_partner: {
    ...texts('partner_id', 'name', 'motion', 'tier', 'status', 'country', 'currency', 'manager', 'domain'),
    ...instants('joined_at', 'ended_at'),
  },
  dim_account: texts('account_id', 'name', 'domain', 'country', 'segment'),
  dim_deal: {
    ...texts('deal_id', 'account_id', 'name', 'kind', 'stage', 'state', 'owner', 'product', 'currency'),
    ...instants('created_at', 'lead_created_at', 'closed_at', 'expected_close_at'),
    ...money('amount'),
  },
  fct_deal_sourcing: {
    ...texts('deal_id', 'partner_id', 'rule', 'evidence_id'),
    ...instants('evidence_at'),
    ...counts('conflict_count'),
  },
  fct_registration_conflict: texts('deal_id', 'partner_id', 'evidence_id', 'rule', 'reason'),
  fct_deal_influence: {
    ...texts('deal_id', 'partner_id'),
    ...counts('touchpoint_count'),
    ...instants('first_touch_at', 'last_touch_at'),
  },
  fct_attribution_weight: texts('deal_id', 'party_kind', 'party_id'),
  fct_touch_weight: texts('deal_id', 'touchpoint_id'),
  fct_touchpoint: {
    ...texts('deal_id', 'touchpoint_id', 'party_kind', 'party_id', 'channel', 'kind', 'reason'),
    ...instants('occurred_at'),
    ...flags('is_counted'),
  },
  fct_deal_money: { ...texts('deal_id', 'basis', 'currency'), ...dates('month'), ...twins('amount') },
  fct_attribution_monthly: {
    ...texts('basis', 'method', 'party_kind', 'party_id', 'currency'),
    ...dates('month'),
    ...twins('amount'),
  },
  fct_revenue_monthly: {
    ...texts('basis', 'currency'),
    ...dates('month'),
    ...twins('total', 'sourced', 'influenced_distinct', 'partner_involved', 'unlinked'),
    ...money('unconverted'),
  },
  fct_window_sensitivity: {
    ...counts('window_days', 'sourced_deal_count', 'influenced_deal_count'),
    ...flags('is_configured'),
    ...texts('basis', 'currency'),
    ...dates('month'),
    ...twins('sourced', 'influenced_distinct', 'partner_involved'),
  },
  fct_partner_revenue_monthly: {
    ...texts('partner_id', 'basis', 'currency'),
    ...dates('month'),
    ...twins('sourced', 'influenced_gross'),
    ...counts('deal_count'),
  },
  fct_commission_entry: {
    ...texts('entry_id', 'entry_type', 'debit_account', 'credit_account', 'partner_id', 'currency', 'plan'),
    ...texts('plan_version', 'component', 'deal_id', 'invoice_id', 'invoice_line_id', 'event_kind', 'event_id'),
    ...texts('cause_id', 'evidence_ids', 'role'),
    ...counts('pool_size'),
    ...twins('amount'),
    ...dates('effective_date', 'posted_month', 'origin_month', 'held_until'),
  },
  fct_commission_liability: {
    ...texts('partner_id', 'currency'),
    ...dates('month'),
    ...twins('opening', 'accrued', 'clawed_back', 'true_up', 'prior_period', 'written_off', 'paid', 'closing'),
    ...twins('accrued_balance', 'payable_balance', 'disputed_balance', 'recoverable_balance', 'contingent'),
    ...money('fx'),
  },
  fct_commission_contingent: { ...texts('partner_id', 'currency', 'deal_id', 'invoice_id'), ...money('amount') },
  fct_commission_zero: texts('deal_id', 'partner_id', 'role', 'reason'),
  fct_reseller_margin: {
    ...texts('invoice_id', 'partner_id', 'deal_id', 'currency'),
    ...dates('month'),
    ...money('list', 'net', 'margin'),
    ...counts('unpriced_lines'),
  },
  fct_statement: {
    ...texts('statement_id', 'partner_id', 'currency', 'state', 'approved_by', 'digest'),
    ...dates('month', 'held_until'),
    ...money('total', 'paid'),
    ...counts('line_count', 'approved_count', 'accepted_count', 'disputed_count'),
  },
  fct_statement_line: {
    ...texts('line_id', 'statement_id', 'entry_id', 'entry_type', 'deal_id', 'invoice_id', 'payment_id', 'plan'),
    ...texts('component', 'description', 'state', 'currency'),
    ...dates('effective_date', 'held_until'),
    ...counts('position'),
    ...flags('is_accepted'),
    ...money('amount'),
  },
  fct_registration: {
    ...texts('registration_id', 'partner_id', 'account_id', 'domain', 'deal_id', 'status'),
    ...instants('submitted_at', 'decided_at', 'protection_ends_at', 'protected_until_at'),
  },
  fct_partner_activation: {
    ...texts('partner_id', 'first_event_kind'),
    ...instants('joined_at', 'first_event_at', 'last_event_at', 'first_deal_at', 'onboarding_completed_at'),
    ...counts('onboarding_completed_count', 'onboarding_step_count'),
    ...flags('is_active'),
    ...ratios('days_to_first_deal'),
  },
  fct_lead_response: {
    ...texts('lead_id', 'partner_id', 'account_id', 'deal_id', 'owner', 'status'),
    ...instants('submitted_at', 'first_response_at'),
    ...counts('response_minutes', 'waiting_minutes'),
  },
  fct_lead_response_summary: {
    ...texts('scope_kind', 'scope_id'),
    ...counts('lead_count', 'responded_count', 'median_minutes', 'p90_minutes', 'waiting_count'),
    ...counts('longest_waiting_minutes'),
  },
  fct_registration_health: {
    ...texts('partner_id'),
    ...dates('month'),
    ...counts('registration_count', 'approved_count', 'rejected_count', 'expired_count', 'pending_count'),
    ...counts('median_decision_minutes', 'contested_count'),
  },
  fct_unlinked_money: {
    ...texts('invoice_id', 'customer_id', 'account_id', 'reason', 'basis', 'currency'),
    ...dates('month'),
    ...twins('amount'),
  },
  fct_account_overlap: { ...texts('partner_id', 'our_population', 'partner_population'), ...counts('account_count') },
  fct_account_overlap_summary: {
    ...texts('our_population', 'partner_population'),
    ...counts('account_count', 'partner_count'),
  },
  fct_attribution_gap: {
    ...texts('kind', 'reason', 'next_action'),
    ...counts('record_count'),
    ...money('at_stake'),
    ...instants('oldest_at'),
  },
  fct_exception: {
    ...texts('kind', 'stream', 'record_id', 'reason', 'detail', 'currency', 'next_action'),
    ...money('amount', 'at_stake'),
    ...instants('since_at'),
  },
  fct_reconciliation: {
    ...texts('check', 'scope', 'currency', 'explanation'),
    ...money('left', 'right', 'difference'),
    ...flags('is_exact'),
  },
  fct_invoice: {
    ...texts('invoice_id', 'customer_id', 'account_id', 'deal_id', 'link_method', 'link_reason', 'status', 'currency'),
    ...dates('issued_date'),
    ...money('net', 'tax', 'paid_net'),
  },
  fct_line_movement: {
    ...texts('deal_id', 'invoice_id', 'line_id', 'basis', 'event_kind', 'event_id', 'currency'),
    ...dates('effective_date', 'month'),
    ...twins('amount'),
  },
  lineage_record: {
    ...texts('record_key', 'version_hash', 'source', 'stream', 'payload', 'file'),
    ...counts('record'),
    ...instants('loaded_at'),
  },
  lineage_edge: texts('figure_kind', 'figure_id', 'target_kind', 'target_id', 'role'),
  audit_check: texts('name', 'level', 'status', 'detail', 'query'),
  audit_freshness: {
    ...texts('name', 'level', 'status', 'detail', 'source', 'stream'),
    ...instants('last_load_at'),
    ...ratios('age_hours', 'max_age_hours'),
    ...flags('is_stale'),
    ...counts('fetched', 'accepted', 'repeats', 'quarantined'),
  },
  audit_quarantine: {
    ...texts('quarantine_id', 'source', 'stream', 'record_id', 'reason', 'field', 'detail', 'state'),
    ...counts('record'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type ReleaseTable = keyof typeof releaseTables;
