// The tiny company: five deals, six partners, two currencies, two months. Figures are worked out by hand so that tests can
// name them; `shift_minor` raises the paid revenue of one deal, for a second release.
import { digestOf } from '../../api/decisions.ts';
import {
  dealMoney,
  deals,
  entries,
  liabilities,
  monthly,
  partnerRevenue,
  partners,
  revenue,
  type Tables,
  weights,
  windows,
} from './tiny-money.ts';

export function tables(shift_minor: bigint): Tables {
  const money = dealMoney(shift_minor);
  return {
    dim_partner: partners.map((partner) => ({ ...partner, joined_at: '2025-06-01T04:00:00Z', country: 'US' })),
    dim_account: [1, 2, 3].map((n) => ({
      account_id: `crm:A-${n}`,
      name: `Account ${n}`,
      domain: `a${n}.example`,
      country: 'US',
    })),
    dim_deal: deals,
    fct_deal_sourcing: deals.map(({ deal_id }) =>
      deal_id === 'crm:D-1'
        ? {
            deal_id,
            partner_id: 'crm:P-1',
            rule: 'deal_registration',
            evidence_id: 'crm:R-1',
            evidence_at: '2025-11-01T00:00:00Z',
            conflict_count: 1n,
          }
        : { deal_id, partner_id: null, rule: null, evidence_id: null, evidence_at: null, conflict_count: 0n },
    ),
    fct_registration_conflict: [
      {
        deal_id: 'crm:D-1',
        partner_id: 'crm:P-3',
        evidence_id: 'crm:R-2',
        rule: 'deal_registration',
        reason: 'submitted_later',
      },
    ],
    fct_deal_influence: ['crm:D-1', 'crm:D-5'].map((deal_id) => ({
      deal_id,
      partner_id: 'crm:P-2',
      touchpoint_count: 1n,
      first_touch_at: '2025-12-24T00:00:00Z',
      last_touch_at: '2025-12-24T00:00:00Z',
    })),
    fct_touchpoint: [
      touch('T-1', '2025-11-01T00:00:00Z', 'partner', 'crm:P-1', null),
      touch('T-2', '2025-11-20T00:00:00Z', 'channel', 'sales', null),
      touch('T-3', '2025-12-24T00:00:00Z', 'partner', 'crm:P-2', null),
      touch('T-4', '2026-01-09T00:00:00Z', 'partner', 'crm:P-3', 'after_close'),
    ],
    fct_attribution_weight: weights,
    fct_touch_weight: touchWeights(),
    fct_deal_money: money,
    fct_attribution_monthly: monthly(money),
    fct_revenue_monthly: revenue(money),
    fct_window_sensitivity: windows(money),
    fct_partner_revenue_monthly: partnerRevenue(money),
    fct_commission_entry: entries,
    fct_commission_liability: liabilities(),
    fct_statement: ['crm:P-1', 'crm:P-2'].map((partner_id, index) => ({
      statement_id: `S-${index + 1}`,
      partner_id,
      month: '2026-02-01',
      currency: 'USD',
      state: 'draft',
      total_minor: index === 0 ? 5000n : 1400n,
      digest: digestOf(index === 0 ? 'SL-1 5000' : 'SL-2 1400'),
      line_count: 1n,
    })),
    fct_statement_line: [
      {
        line_id: 'SL-1',
        statement_id: 'S-1',
        entry_id: 'E-1',
        invoice_id: 'bill:INV-1',
        payment_id: 'bill:PY-1',
        plan: 'referral-2026',
        description: '20 % of 1,000.00 paid',
        state: 'open',
        currency: 'USD',
        amount_minor: 5000n,
      },
      {
        line_id: 'SL-2',
        statement_id: 'S-2',
        entry_id: 'E-5',
        invoice_id: 'bill:INV-2',
        payment_id: null,
        plan: 'referral-2026',
        description: null,
        state: 'open',
        currency: 'USD',
        amount_minor: 1400n,
      },
    ],
    fct_commission_contingent: [
      { partner_id: 'crm:P-1', currency: 'USD', deal_id: 'crm:D-1', invoice_id: 'bill:INV-1', amount_minor: 40n },
    ],
    fct_commission_zero: [{ deal_id: 'crm:D-1', partner_id: 'crm:P-2', role: 'influenced', reason: 'no_agreement' }],
    fct_reseller_margin: [
      resold('bill:INV-1', '2026-01-01', 100_000n, 80_000n, 0n),
      resold('bill:INV-2', '2026-02-01', 5_000n, 5_500n, 2n),
    ],
    fct_registration: [
      {
        registration_id: 'crm:R-1',
        partner_id: 'crm:P-1',
        account_id: 'crm:A-1',
        domain: null,
        deal_id: 'crm:D-1',
        status: 'approved',
        submitted_at: '2025-11-01T00:00:00Z',
        decided_at: '2025-11-02T00:00:00Z',
        protection_ends_at: '2026-02-01T00:00:00Z',
        protected_until_at: '2026-02-01T00:00:00Z',
      },
      {
        registration_id: 'crm:R-2',
        partner_id: 'crm:P-3',
        account_id: 'crm:A-1',
        domain: null,
        deal_id: 'crm:D-1',
        status: 'rejected',
        submitted_at: '2025-11-02T00:00:00Z',
        decided_at: null,
        protection_ends_at: null,
      },
    ],
    fct_partner_activation: [
      {
        partner_id: 'crm:P-1',
        joined_at: '2025-06-01T04:00:00Z',
        first_event_at: '2025-11-01T00:00:00Z',
        first_event_kind: 'registration',
        last_event_at: '2026-01-05T00:00:00Z',
        is_active: true,
        days_to_first_deal: 155,
      },
      {
        partner_id: 'crm:P-3',
        joined_at: '2025-06-01T04:00:00Z',
        first_event_at: null,
        first_event_kind: null,
        last_event_at: null,
        is_active: false,
        days_to_first_deal: null,
      },
    ],
    fct_lead_response: [
      {
        lead_id: 'crm:L-1',
        partner_id: 'crm:P-1',
        status: 'working',
        submitted_at: '2026-02-01T00:00:00Z',
        first_response_at: '2026-02-01T02:00:00Z',
        response_minutes: 120n,
        waiting_minutes: null,
      },
      {
        lead_id: 'crm:L-2',
        partner_id: 'crm:P-2',
        status: 'new',
        submitted_at: '2026-02-28T00:00:00Z',
        first_response_at: null,
        response_minutes: null,
        waiting_minutes: 2160n,
      },
    ],
    fct_lead_response_summary: [
      {
        scope_kind: 'company',
        scope_id: null,
        lead_count: 2n,
        responded_count: 1n,
        median_minutes: 120n,
        p90_minutes: 120n,
        waiting_count: 1n,
        longest_waiting_minutes: 2160n,
      },
      {
        scope_kind: 'partner',
        scope_id: 'crm:P-2',
        lead_count: 1n,
        responded_count: 0n,
        median_minutes: null,
        p90_minutes: null,
        waiting_count: 1n,
        longest_waiting_minutes: 2160n,
      },
    ],
    fct_registration_health: ['crm:P-1', 'crm:P-3'].map((partner_id) => ({
      partner_id,
      month: '2025-11-01',
      registration_count: 1n,
      approved_count: partner_id === 'crm:P-1' ? 1n : 0n,
      rejected_count: partner_id === 'crm:P-1' ? 0n : 1n,
      expired_count: 0n,
      pending_count: 0n,
      median_decision_minutes: 1440n,
      contested_count: 1n,
    })),
    fct_unlinked_money: [
      {
        invoice_id: 'bill:INV-9',
        customer_id: 'bill:C-9',
        account_id: null,
        reason: 'no_deal',
        basis: 'paid',
        month: '2026-01-01',
        currency: 'USD',
        amount_minor: 700n,
        reporting_amount_minor: 700n,
      },
    ],
    fct_account_overlap: [
      { partner_id: 'crm:P-2', our_population: 'customer', partner_population: 'prospect', account_count: 2n },
    ],
    fct_account_overlap_summary: [
      { our_population: 'customer', partner_population: 'prospect', account_count: 2n, partner_count: 1n },
    ],
    fct_attribution_gap: [
      {
        kind: 'unlinked_money',
        reason: 'no_deal',
        record_count: 1n,
        at_stake_minor: 700n,
        oldest_at: '2026-02-21T03:00:00Z',
        next_action: 'Name the deal on the invoice.',
      },
    ],
    fct_exception: [
      {
        kind: 'over_payment',
        stream: 'invoices',
        record_id: 'bill:INV-1',
        reason: 'overpaid',
        detail: 'received more',
        amount_minor: 120n,
        currency: 'EUR',
        next_action: 'refund it',
        at_stake_minor: 130n,
        since_at: '2026-02-20T12:00:00Z',
      },
      {
        kind: 'ambiguous_link',
        stream: 'billing_customers',
        record_id: 'bill:C-9',
        reason: 'ambiguous',
        detail: null,
        amount_minor: null,
        currency: null,
        next_action: 'name the account',
        at_stake_minor: null,
        since_at: '2026-02-01T04:00:00Z',
      },
    ],
    fct_reconciliation: [
      {
        check: 'paid_equals_credit',
        scope: '2026-01',
        currency: 'USD',
        left_minor: 100700n,
        right_minor: 100700n,
        difference_minor: 0n,
        explanation: null,
      },
    ],
    fct_invoice: [
      {
        invoice_id: 'bill:INV-1',
        customer_id: 'bill:C-1',
        account_id: 'crm:A-1',
        deal_id: 'crm:D-1',
        link_method: 'explicit',
        link_reason: null,
        status: 'paid',
        currency: 'USD',
        issued_date: '2026-01-06',
        net_minor: 100000n,
        tax_minor: 0n,
        paid_net_minor: 75000n + shift_minor,
      },
    ],
    fct_line_movement: [
      {
        deal_id: 'crm:D-1',
        invoice_id: 'bill:INV-1',
        line_id: 'bill:IL-1',
        basis: 'paid',
        event_kind: 'payment',
        event_id: 'bill:PY-1',
        currency: 'USD',
        effective_date: '2026-01-15',
        month: '2026-01-01',
        amount_minor: 100000n + shift_minor,
        reporting_amount_minor: 100000n + shift_minor,
      },
      {
        deal_id: 'crm:D-1',
        invoice_id: 'bill:INV-1',
        line_id: 'bill:IL-1',
        basis: 'paid',
        event_kind: 'refund',
        event_id: 'bill:RF-1',
        currency: 'USD',
        effective_date: '2026-02-20',
        month: '2026-02-01',
        amount_minor: -25000n,
        reporting_amount_minor: -25000n,
      },
    ],
    lineage_record: [
      {
        record_key: 'deals/crm:D-1',
        version_hash: 'ab12',
        source: 'crm',
        stream: 'deals',
        payload: '{"deal_id":"D-1","owner":"ana@example.com"}',
        loaded_at: '2026-03-01T00:00:00Z',
      },
      {
        record_key: 'payments/bill:PY-1|INV-1',
        version_hash: 'cd34',
        source: 'bill',
        stream: 'payments',
        payload: '{"payment_id":"PY-1","amount":"1000.00"}',
        loaded_at: '2026-03-01T00:00:00Z',
      },
    ],
    lineage_edge: [
      { figure_kind: 'deal', figure_id: 'crm:D-1', target_kind: 'record', target_id: 'deals/crm:D-1', role: 'deal' },
      {
        figure_kind: 'ledger_entry',
        figure_id: 'E-1',
        target_kind: 'record',
        target_id: 'payments/bill:PY-1|INV-1',
        role: 'payment',
      },
    ],
    audit_check: [
      {
        name: 'credit_conserved',
        level: 'block',
        status: 'pass',
        detail: 'Σ credit + unattributed + unlinked = total',
        query: "select 'credit_conserved' as name",
      },
      { name: 'few_refused', level: 'warn', status: 'fail', detail: '1 refused', query: null },
    ],
    audit_freshness: [
      {
        source: 'crm',
        stream: 'deals',
        last_load_at: '2026-03-01T00:00:00Z',
        age_hours: 12,
        max_age_hours: 36,
        is_stale: false,
        level: 'warn',
        status: 'pass',
        detail: '12.0 h old, at most 36 h are allowed',
        fetched: 5n,
        accepted: 5n,
        repeats: 0n,
        quarantined: 0n,
      },
    ],
    audit_quarantine: [
      {
        quarantine_id: 'Q-1',
        source: 'crm',
        stream: 'deals',
        record_id: '-1+1',
        record: 7n,
        reason: 'negative_amount',
        field: 'amount',
        detail: 'amount is -9.00',
      },
    ],
  };
}

/** Deal D-1: each party has one touch, which so earns all of the party's weight. */
function touchWeights() {
  const touches: Readonly<Record<string, string>> = { 'crm:P-1': 'crm:T-1', sales: 'crm:T-2', 'crm:P-2': 'crm:T-3' };
  return weights
    .filter(({ deal_id, party_id }) => deal_id === 'crm:D-1' && party_id in touches)
    .map(({ party_kind: _, party_id, ...weight }) => ({ ...weight, touchpoint_id: touches[party_id]! }));
}

function resold(invoice_id: string, month: string, list_minor: bigint, net_minor: bigint, unpriced_lines: bigint) {
  return {
    ...{ invoice_id, month, list_minor, net_minor, unpriced_lines, margin_minor: list_minor - net_minor },
    ...{ partner_id: 'crm:P-3', deal_id: 'crm:D-1', currency: 'USD' },
  };
}

function touch(id: string, occurred_at: string, party_kind: string, party_id: string, reason: string | null) {
  return {
    deal_id: 'crm:D-1',
    touchpoint_id: `crm:${id}`,
    occurred_at,
    party_kind,
    party_id,
    channel: party_kind,
    kind: 'meeting',
    is_counted: reason === null,
    reason,
  };
}
