// A release of a tiny company, written as real Parquet: five deals, six partners, two currencies, two months. The figures
// are worked out by hand so that tests can name them; `shift_minor` makes a second release whose paid revenue differs.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../api/app.ts';
import type { KeyStore, Principal } from '../../api/auth.ts';
import type { Manifest } from '../../api/manifest.ts';
import { type ReleaseTable, releaseTables } from '../../api/tables.ts';
import { allocate } from '../../core/money.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';

type Cell = string | number | bigint | boolean | null;
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

const deals = [
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
const weights = [
  { deal_id: 'crm:D-1', party_kind: 'partner', party_id: 'crm:P-1', linear: 333333334n, last_touch: 0n },
  { deal_id: 'crm:D-1', party_kind: 'partner', party_id: 'crm:P-2', linear: 333333333n, last_touch: 1000000000n },
  { deal_id: 'crm:D-1', party_kind: 'channel', party_id: 'sales', linear: 333333333n, last_touch: 0n },
  { deal_id: 'crm:D-2', party_kind: 'unattributed', party_id: '', linear: 1000000000n, last_touch: 1000000000n },
  { deal_id: 'crm:D-5', party_kind: 'partner', party_id: 'crm:P-2', linear: 1000000000n, last_touch: 1000000000n },
];

/** EUR converts at 1.08: 5001 → 5401. */
function dealMoney(shift_minor: bigint) {
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

function monthly(money: Money) {
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

function revenue(money: Money) {
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

function partnerRevenue(money: Money) {
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
      if (!same) return [...rows, row];
      for (const name of Object.keys(row).filter((name) => name.endsWith('_minor')))
        same[name] = (same[name] as bigint) + (row[name as keyof typeof row] as bigint);
      same.deal_count = (same.deal_count as bigint) + 1n;
      return rows;
    }, []);
}

/** P-1 earned 20 %: 200.00 in January; a refund of 250.00 took 50.00 back in February, after 100.00 were paid out. */
const entries = [
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

function liabilities() {
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

function tables(shift_minor: bigint): Tables {
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
    fct_deal_money: money,
    fct_attribution_monthly: monthly(money),
    fct_revenue_monthly: revenue(money),
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
    fct_account_overlap: [
      { partner_id: 'crm:P-2', our_population: 'customer', partner_population: 'prospect', account_count: 2n },
    ],
    fct_attribution_gap: [
      {
        kind: 'unlinked_money',
        reason: 'no_deal',
        record_count: 1n,
        at_stake_minor: 700n,
        next_action: 'Name the deal on the invoice.',
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
        record_key: 'payments/bill:PY-1',
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
        target_id: 'payments/bill:PY-1',
        role: 'payment',
      },
    ],
    audit_check: [
      {
        name: 'credit_conserved',
        level: 'block',
        status: 'pass',
        detail: 'Σ credit + unattributed + unlinked = total',
      },
      { name: 'few_refused', level: 'warn', status: 'warn', detail: '1 refused' },
    ],
    audit_freshness: [
      {
        source: 'crm',
        stream: 'deals',
        last_load_at: '2026-03-01T00:00:00Z',
        age_hours: 12,
        max_age_hours: 36,
        is_stale: false,
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

export interface ReleaseRequest {
  readonly releasesDirectory: string;
  readonly release_id: string;
  readonly shift_minor?: bigint;
  /** Rows that stand in for those of the tiny company. */
  readonly replaced?: Tables;
  readonly without?: readonly ReleaseTable[];
}

/** Writes a release directory; `current` still names the one before. */
export async function writeRelease(request: ReleaseRequest): Promise<string> {
  const { releasesDirectory, release_id, shift_minor = 0n, replaced = {}, without = [] } = request;
  const directory = join(releasesDirectory, release_id);
  mkdirSync(directory, { recursive: true });
  const warehouse = await openWarehouse(':memory:');
  for (const [table, rows] of Object.entries({ ...tables(shift_minor), ...replaced })) {
    if (without.includes(table as ReleaseTable)) continue;
    const types: Record<string, string> = { ...releaseTables[table as ReleaseTable] };
    if (table === 'fct_attribution_weight') for (const method of methods) types[method] = 'BIGINT';
    const columns = Object.entries(types).map(([name, type]) => `"${name}" ${type}`);
    await warehouse.run(`CREATE TABLE ${table} (${columns.join(', ')})`);
    for (const row of rows) {
      const names = Object.keys(row);
      const values = names.map((name) => literal(row[name] ?? null));
      await warehouse.run(
        `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${values.join(', ')})`,
      );
    }
    await warehouse.run(`COPY ${table} TO '${join(directory, `${table}.parquet`)}' (FORMAT parquet)`);
  }
  warehouse.close();
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifestOf(release_id)));
  writeSite(join(directory, 'site'), release_id);
  return directory;
}

function literal(value: Cell): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function manifestOf(release_id: string): Manifest {
  return {
    release_id,
    created_at: '2026-03-01T12:30:00Z',
    as_of: '2026-03-01T12:00:00Z',
    previous_release_id: null,
    company: 'Tiny Cloud',
    reporting_currency: 'USD',
    time_zone: 'America/New_York',
    fiscal_year_start_month: 1,
    lookback_days: 180,
    methods: [...methods],
    code_digest: 'c0de',
    config_digest: 'c0f1',
    tables: { dim_deal: { rows: deals.length, sha256: '0'.repeat(64) } },
    audits: { total: 2, passed: 1, warned: 1, failed: 0 },
    freshness: [{ source: 'crm', stream: 'deals', last_load_at: '2026-03-01T00:00:00Z' }],
    ledger_head: null,
  };
}

const siteFiles = [
  'leadership/index.html',
  'revops/index.html',
  'revops/deals.html',
  'finance/index.html',
  'trust/index.html',
  'partner/index.html',
  '_observablehq/client.0a1b2c3d.js',
  '_import/components/frame.deadbeef.js',
  '_node/d3/index.js',
  'secret.html',
  '_file/data/leadership/month.1234abcd.json',
  '_file/data/revops/credit.1234abcd.json',
  '_file/data/finance/close.1234abcd.json',
  '_file/data/trust/audits.1234abcd.json',
  '_file/notes.1234abcd.json',
];

function writeSite(directory: string, release_id: string): void {
  for (const file of siteFiles) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), `${file} of ${release_id}`);
  }
}

/** Switches `current` by rename, as `publish` does. */
export function publish(releasesDirectory: string, release_id: string): void {
  const link = join(releasesDirectory, '.current');
  rmSync(link, { force: true });
  symlinkSync(release_id, link);
  renameSync(link, join(releasesDirectory, 'current'));
}

export const secrets = {
  leadership: 'key-of-leadership',
  revops: 'key-of-revops',
  finance: 'key-of-finance',
  partner: 'key-of-partner-1',
  other_partner: 'key-of-partner-2',
} as const;

const principals: Readonly<Record<string, Principal>> = {
  [secrets.leadership]: { key_id: 'k1', person: 'Lena', role: 'leadership', partner_id: null },
  [secrets.revops]: { key_id: 'k2', person: 'Ravi', role: 'revops', partner_id: null },
  [secrets.finance]: { key_id: 'k3', person: 'Finn', role: 'finance', partner_id: null },
  [secrets.partner]: { key_id: 'k4', person: 'Pia', role: 'partner', partner_id: 'crm:P-1' },
  [secrets.other_partner]: { key_id: 'k5', person: 'Otto', role: 'partner', partner_id: 'crm:P-2' },
};

/** A key store in memory, of which keys can be revoked. */
export function keyStore(): KeyStore & { revoke(key_id: string): void } {
  const revoked = new Set<string>();
  const unlessRevoked = (principal: Principal | undefined) =>
    principal && !revoked.has(principal.key_id) ? principal : undefined;
  return {
    find: (secret) => unlessRevoked(Object.hasOwn(principals, secret) ? principals[secret] : undefined),
    active: (key_id) => unlessRevoked(Object.values(principals).find((principal) => principal.key_id === key_id)),
    revoke: (key_id) => void revoked.add(key_id),
  };
}

export const FIRST = 'aaaaaaaaaaaaaaaa';
export const SECOND = 'bbbbbbbbbbbbbbbb';

/** An app over a fresh directory with one published release; `close` removes both. */
export async function tinyApp(request: Partial<ReleaseRequest> & { now?: () => number } = {}) {
  const releasesDirectory = mkdtempSync(join(tmpdir(), 'sourced-api-'));
  await writeRelease({ releasesDirectory, release_id: FIRST, ...request });
  publish(releasesDirectory, FIRST);
  const keys = keyStore();
  const app = await buildApp({ releasesDirectory, keys, logger: true, ...(request.now ? { now: request.now } : {}) });
  const get = (url: string, secret: string = secrets.leadership, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${secret}`, ...headers } });
  const close = async () => {
    await app.close();
    rmSync(releasesDirectory, { recursive: true, force: true });
  };
  return { app, get, keys, releasesDirectory, close };
}
