// One won deal with one invoice and a partner at 20 %: what the tests of posting start from, and what they look at.
import type { Company, Desk } from './company.ts';

export const referral = {
  plan: 'referral',
  starts_on: '2025-01-01',
  currency: 'USD',
  components: [{ kind: 'percent', rate: '0.20' }],
  hold_days: 30,
};

export const company: Company = {
  plans: [referral],
  default_plan: 'referral',
  partners: { 'P-1': {}, 'P-2': {} },
  deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-1' } },
  invoices: { 'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n, 'L-2': -100n } } },
  events: ['2026-01-10 payment PY-1 I-1 900'],
};

/** Questions and decisions about the desk at hand. */
export function atDesk(deskOf: () => Desk) {
  /** Entries as `2026-01-10 accrual commission_expense→accrued P-1 L-1 200 USD`. */
  function entries(): string[] {
    return [...deskOf().books.ledger.entries()].map(
      (entry) =>
        `${entry.effective_date} ${entry.entry_type} ${entry.debit_account}→${entry.credit_account} ${entry.partner_id} ${entry.invoice_line_id ?? entry.event_id} ${entry.amount_minor} ${entry.currency}`,
    );
  }

  async function liability(partner: string, month: string): Promise<Record<string, bigint>> {
    const [row] = await deskOf().warehouse.rows<Record<string, bigint>>(`
      select closing_minor as closing, accrued_balance_minor as accrued, payable_balance_minor as payable,
        disputed_balance_minor as disputed, recoverable_balance_minor as recoverable
      from ledger.liability where partner_id = '${partner}' and month = '${month}-01' and currency = 'USD'`);
    return row!;
  }

  async function statement(): Promise<{
    statement_id: string;
    state: string;
    digest: string;
    line_count: number;
    total: bigint;
  }> {
    const [row] = await deskOf().warehouse.rows(
      'select statement_id, state, digest, line_count, total_minor as total from ledger.statement order by month limit 1',
    );
    return row as Awaited<ReturnType<typeof statement>>;
  }

  function decide(kind: string, changes: Partial<Parameters<Desk['books']['decisions']['record']>[0]> = {}) {
    return deskOf().books.decisions.record({
      person: 'Dana',
      role: 'finance',
      kind,
      subject_kind: 'statement',
      subject_id: '',
      reason: 'checked',
      ...changes,
    });
  }

  async function approve(date: string, person = 'Dana'): Promise<void> {
    const { statement_id, digest, line_count } = await statement();
    deskOf().decideAt(date);
    decide('statement_approve', { person, subject_id: statement_id, detail: { digest, line_count } });
  }

  return { entries, liability, statement, decide, approve };
}
