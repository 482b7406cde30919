// The money and the ledger of the tiny company, worked out by hand (rows of the release tables).
import type { ReleaseTable } from '../../api/tables.ts';
import { allocate } from '../../core/money.ts';

export type Cell = string | number | bigint | boolean | null;
type Rows = readonly Readonly<Record<string, Cell>>[];
export type Tables = Partial<Record<ReleaseTable, Rows>>;

export const methods = ['linear', 'last_touch'] as const;

export const partners = [
  { partner_id: 'crm:P-1', name: '=Alpha, "the" Partners', motion: 'referral', status: 'active' },
  { partner_id: 'crm:P-2', name: 'Beta', motion: 'co_sell', status: 'active' },
  { partner_id: 'crm:P-3', name: 'Gamma', motion: 'referral', status: 'active' },
  { partner_id: 'crm:P-4', name: 'Delta', motion: 'referral', status: 'active' },
  { partner_id: 'crm:P-5', name: 'Epsilon', motion: 'referral', status: null },
  { partner_id: 'crm:P-6', name: 'Zeta', motion: 'referral', status: 'active' },
];

export const deals = [
  {
    deal_id: 'crm:D-1',
    account_id: 'crm:A-1',
    name: 'Harbour',
    kind: 'new',
    stage: 'Closed Won',
    state: 'won',
    created_at: '2025-11-03T15:04:05.123456Z',
    closed_at: '2026-01-05T20:00:00Z',
    currency: 'USD',
    amount_minor: 120000n,
  },
  {
    deal_id: 'crm:D-2',
    account_id: 'crm:A-2',
    name: '@Quay',
    kind: 'new',
    stage: 'Closed Won',
    state: 'won',
    created_at: '2025-12-01T00:00:00Z',
    closed_at: '2026-01-20T00:00:00Z',
    currency: 'EUR',
    amount_minor: 5001n,
  },
  {
    deal_id: 'crm:D-3',
    account_id: 'crm:A-1',
    name: 'Pier',
    kind: 'expansion',
    stage: 'Proposal',
    state: 'open',
    created_at: '2026-02-10T00:00:00Z',
    closed_at: null,
    currency: 'USD',
    amount_minor: 40000n,
  },
  {
    deal_id: 'crm:D-4',
    account_id: 'crm:A-3',
    name: 'Dock',
    kind: 'new',
    stage: 'Lost',
    state: 'lost',
    created_at: '2026-01-02T00:00:00Z',
    closed_at: '2026-02-01T00:00:00Z',
    currency: 'USD',
    amount_minor: 900n,
  },
  {
    deal_id: 'crm:D-5',
    account_id: 'crm:A-3',
    name: 'Jetty',
    kind: 'new',
    stage: 'Closed Won',
    state: 'won',
    created_at: '2026-01-02T00:00:00Z',
    closed_at: '2026-02-20T00:00:00Z',
    currency: 'USD',
    amount_minor: 7000n,
  },
];

/** Deal × party, in the order that `allocate` counts positions by. */
export const weights = [
  { deal_id: 'crm:D-1', party_kind: 'partner', party_id: 'crm:P-1', linear: 333333334n, last_touch: 0n },
  { deal_id: 'crm:D-1', party_kind: 'partner', party_id: 'crm:P-2', linear: 333333333n, last_touch: 1000000000n },
  { deal_id: 'crm:D-1', party_kind: 'channel', party_id: 'sales', linear: 333333333n, last_touch: 0n },
  { deal_id: 'crm:D-2', party_kind: 'unattributed', party_id: '', linear: 1000000000n, last_touch: 1000000000n },
  { deal_id: 'crm:D-5', party_kind: 'partner', party_id: 'crm:P-2', linear: 1000000000n, last_touch: 1000000000n },
];

/** EUR converts at 1.08: 5001 → 5401. */
export function dealMoney(shift_minor: bigint) {
  const usd = (deal_id: string, basis: string, month: string, amount_minor: bigint) => ({
    deal_id,
    basis,
    month,
    currency: 'USD',
    amount_minor,
    reporting_amount_minor: amount_minor,
  });
  return [
    usd('crm:D-1', 'booked', '2026-01-01', 120000n),
    usd('crm:D-1', 'paid', '2026-01-01', 100000n + shift_minor),
    usd('crm:D-1', 'paid', '2026-02-01', -25000n),
    {
      deal_id: 'crm:D-2',
      basis: 'booked',
      month: '2026-01-01',
      currency: 'EUR',
      amount_minor: 5001n,
      reporting_amount_minor: 5401n,
    },
    {
      deal_id: 'crm:D-2',
      basis: 'paid',
      month: '2026-01-01',
      currency: 'EUR',
      amount_minor: 5001n,
      reporting_amount_minor: 5401n,
    },
    usd('crm:D-5', 'paid', '2026-02-01', 7000n),
  ];
}

type Money = ReturnType<typeof dealMoney>;

export function monthly(money: Money) {
  const sums = new Map<string, Record<string, Cell>>();
  for (const { deal_id, basis, month, currency, amount_minor, reporting_amount_minor } of money)
    for (const method of methods) {
      const parties = weights.filter((weight) => weight.deal_id === deal_id);
      const shares = parties.map((party) => party[method]);
      const native = allocate(amount_minor, shares);
      const reporting = allocate(reporting_amount_minor, shares);
      for (const [index, { party_kind, party_id }] of parties.entries()) {
        if (native[index] === 0n) continue;
        const key = [month, basis, method, party_kind, party_id, currency].join();
        const before = sums.get(key);
        sums.set(key, {
          month,
          basis,
          method,
          party_kind,
          party_id,
          currency,
          amount_minor: ((before?.amount_minor as bigint) ?? 0n) + native[index]!,
          reporting_amount_minor: ((before?.reporting_amount_minor as bigint) ?? 0n) + reporting[index]!,
        });
      }
    }
  return [...sums.values()];
}

/** 700 USD were received in January that no deal could be found for. */
const UNLINKED_MINOR = 700n;

export function revenue(money: Money) {
  const keys = new Set(money.map(({ month, basis, currency }) => [month, basis, currency].join()));
  return [...keys].map((key) => {
    const rows = money.filter(({ month, basis, currency }) => [month, basis, currency].join() === key);
    const { month, basis, currency } = rows[0]!;
    const of = (ids: string[], name: 'amount_minor' | 'reporting_amount_minor') =>
      rows.filter(({ deal_id }) => ids.includes(deal_id)).reduce((sum, row) => sum + row[name], 0n);
    const unlinked = key === '2026-01-01,paid,USD' ? UNLINKED_MINOR : 0n;
    const all = deals.map(({ deal_id }) => deal_id);
    const five = (name: 'amount_minor' | 'reporting_amount_minor', prefix: string) => ({
      [`${prefix}total_minor`]: of(all, name) + unlinked,
      [`${prefix}sourced_minor`]: of(['crm:D-1'], name),
      [`${prefix}influenced_distinct_minor`]: of(['crm:D-1', 'crm:D-5'], name),
      [`${prefix}partner_involved_minor`]: of(['crm:D-1', 'crm:D-5'], name),
      [`${prefix}unlinked_minor`]: unlinked,
    });
    return { month, basis, currency, ...five('amount_minor', ''), ...five('reporting_amount_minor', 'reporting_') };
  });
}

/** The own windows of 180 days give what is published; under 30 days nobody but the sourcing partner touched a deal. */
export function windows(money: Money) {
  return revenue(money).flatMap((row) => {
    const { month, basis, currency, ...amounts } = row as typeof row & Record<string, bigint>;
    const under = (window_days: bigint, is_configured: boolean, isInfluenced: boolean) => ({
      window_days,
      is_configured,
      month,
      basis,
      currency,
      sourced_deal_count: 1n,
      influenced_deal_count: isInfluenced ? 2n : 0n,
      ...Object.fromEntries(
        ['', 'reporting_'].flatMap((prefix) => {
          const sourced = amounts[`${prefix}sourced_minor`]!;
          return [
            [`${prefix}sourced_minor`, sourced],
            [`${prefix}influenced_distinct_minor`, isInfluenced ? amounts[`${prefix}influenced_distinct_minor`]! : 0n],
            [`${prefix}partner_involved_minor`, isInfluenced ? amounts[`${prefix}partner_involved_minor`]! : sourced],
          ];
        }),
      ),
    });
    return [under(30n, false, false), under(180n, true, true), under(180n, false, true)];
  });
}

export function partnerRevenue(money: Money) {
  return money
    .filter(({ deal_id }) => deal_id !== 'crm:D-2')
    .flatMap(({ deal_id, month, basis, currency, amount_minor }) => {
      const both = (partner_id: string, sourced: bigint, gross: bigint) => ({
        partner_id,
        month,
        basis,
        currency,
        deal_count: 1n,
        sourced_minor: sourced,
        influenced_gross_minor: gross,
        reporting_sourced_minor: sourced,
        reporting_influenced_gross_minor: gross,
      });
      return deal_id === 'crm:D-1'
        ? [both('crm:P-1', amount_minor, 0n), both('crm:P-2', 0n, amount_minor)]
        : [both('crm:P-2', 0n, amount_minor)];
    })
    .reduce<Record<string, Cell>[]>((rows, row) => {
      const same = rows.find((r) => r.partner_id === row.partner_id && r.month === row.month && r.basis === row.basis);
      if (!same) return rows.concat(row);
      for (const name of Object.keys(row).filter((name) => name.endsWith('_minor')))
        same[name] = (same[name] as bigint) + (row[name as keyof typeof row] as bigint);
      same.deal_count = (same.deal_count as bigint) + 1n;
      return rows;
    }, []);
}

/** P-1 earned 20 %: 200.00 in January; a refund of 250.00 took 50.00 back in February, after 100.00 were paid out. */
export const entries = [
  entry('E-1', 'accrual', 'commission_expense', 'accrued', 'crm:P-1', 20000n, '2026-01-15'),
  entry('E-2', 'release', 'accrued', 'payable', 'crm:P-1', 20000n, '2026-02-01'),
  entry('E-3', 'payout', 'payable', 'cash', 'crm:P-1', 10000n, '2026-02-03'),
  entry('E-4', 'clawback', 'payable', 'commission_expense', 'crm:P-1', 5000n, '2026-02-20'),
  entry('E-5', 'accrual', 'commission_expense', 'accrued', 'crm:P-2', 1400n, '2026-02-11'),
];

function entry(
  entry_id: string,
  entry_type: string,
  debit_account: string,
  credit_account: string,
  partner_id: string,
  amount_minor: bigint,
  effective_date: string,
) {
  const month = `${effective_date.slice(0, 7)}-01`;
  return {
    entry_id,
    entry_type,
    debit_account,
    credit_account,
    partner_id,
    amount_minor,
    reporting_amount_minor: amount_minor,
    currency: 'USD',
    effective_date,
    posted_month: month,
    origin_month: month,
    plan: 'referral-2026',
    plan_version: '2026-01-01',
    component: '1:percent',
    deal_id: partner_id === 'crm:P-1' ? 'crm:D-1' : 'crm:D-5',
    invoice_id: 'bill:INV-1',
    invoice_line_id: 'bill:IL-1',
    cause_id: `cause-${entry_id}`,
    event_kind: 'payment',
    event_id: 'bill:PY-1',
  };
}

export function liabilities() {
  const row = (partner_id: string, month: string, named: Record<string, bigint>) => {
    const names = ['opening', 'accrued', 'clawed_back', 'true_up', 'prior_period', 'written_off', 'paid', 'closing'];
    const balances = ['accrued_balance', 'payable_balance', 'disputed_balance', 'recoverable_balance', 'contingent'];
    const amounts = [...names, ...balances].flatMap((name) => [
      [`${name}_minor`, named[name] ?? 0n],
      [`reporting_${name}_minor`, named[name] ?? 0n],
    ]);
    return { partner_id, month, currency: 'USD', fx_minor: 0n, ...Object.fromEntries(amounts) };
  };
  return [
    row('crm:P-1', '2026-01-01', { accrued: 20000n, closing: 20000n, accrued_balance: 20000n, contingent: 300n }),
    row('crm:P-1', '2026-02-01', {
      opening: 20000n,
      clawed_back: 5000n,
      paid: 10000n,
      closing: 5000n,
      payable_balance: 5000n,
      contingent: 40n,
    }),
    row('crm:P-2', '2026-02-01', { accrued: 1400n, closing: 1400n, accrued_balance: 1400n }),
  ];
}
