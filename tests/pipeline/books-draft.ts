// An entry as the commission step drafts it.
import type { EntryDraft } from '../../attribution/commission/books-port.ts';

/** The draft of this number: a commission of so many major units on the payment of a deal. */
export function draft(number: number, changes: Partial<EntryDraft> = {}): EntryDraft {
  return {
    entry_id: `entry-${number}`,
    entry_type: 'accrual',
    debit_account: 'commission_expense',
    credit_account: 'accrued',
    partner_id: 'crm:P-1',
    amount_minor: BigInt(number) * 100n,
    currency: 'USD',
    reporting_amount_minor: BigInt(number) * 100n,
    reporting_currency: 'USD',
    effective_date: '2026-03-04',
    posted_month: '2026-03',
    origin_month: '2026-03',
    plan: 'referral',
    plan_version: '2026-01-01',
    component: '1:percent',
    role: 'sourced',
    pool_size: null,
    deal_id: 'crm:D-1',
    invoice_id: 'billing:I-1',
    invoice_line_id: 'billing:IL-1',
    event_kind: 'payment',
    event_id: `billing:PY-${number}`,
    cause_id: `cause-${number}`,
    cause_sequence: 1,
    held_until: null,
    evidence_ids: ['billing:PY-1', 'crm:R-1'],
    event_amount_minor: 125_000n,
    plan_month: 3,
    event_currency: null,
    event_base_minor: null,
    ...changes,
  };
}
