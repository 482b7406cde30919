// A company wide enough to fill the pages: 24 months, 14 partners, two currencies, every sum closed to the minor unit. The
// deals behind it are those of the API's tiny company.
import type { ReleaseRequest } from '../api/fixture.ts';

type Tables = NonNullable<ReleaseRequest['replaced']>;

type Row = Record<string, string | bigint | boolean | null>;

const names = [
  'Alder',
  'Brightside',
  'Calla & Co',
  'Dovetail',
  'Ember',
  'Fathom',
  'Grove',
  'Halyard',
  'Iris',
  'Juniper',
  'Kestrel',
  'Larch',
  'Mori',
  'Northwind Advisors International',
];
const motions = ['referral', 'co_sell', 'reseller'];

export const months = Array.from({ length: 24 }, (_, index) => {
  const count = 2024 * 12 + 2 + index;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}-01`;
});

const partner = (index: number) => `crm:P-${index + 1}`;
const methods = ['linear', 'last_touch'];

/** 1 EUR = 1.1 USD; amounts are multiples of ten so that nothing is rounded. */
const converted = (currency: string, amount: bigint) => (currency === 'EUR' ? (amount * 11n) / 10n : amount);

/** What partner `index` sourced in a month, in a currency. */
function sourcedOf(index: number, at: number, currency: string): bigint {
  if (currency === 'EUR' && index % 3 !== 0) return 0n;
  const base = 4_000_000n / BigInt(index + 2) + BigInt(at * 7_310) + BigInt((index * 37 + at * 53) % 41) * 3_170n;
  return (base / 10n) * 10n;
}

const influencedOf = (index: number, at: number, currency: string) =>
  (index + at) % 4 === 0 ? 0n : (sourcedOf(index, at, currency) / 40n) * 10n;

const both = (currency: string, amounts: Record<string, bigint>): Row =>
  Object.fromEntries(
    Object.entries(amounts).flatMap(([name, amount]) => [
      [`${name}_minor`, amount],
      [`reporting_${name}_minor`, converted(currency, amount)],
    ]),
  );

interface Place {
  readonly month: string;
  readonly at: number;
  readonly currency: string;
}

const places: readonly Place[] = months.flatMap((month, at) =>
  ['EUR', 'USD'].map((currency) => ({ month, at, currency })),
);
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const everyPartner = names.map((_, index) => index);

function revenueRow({ month, at, currency }: Place): Row {
  const sourced = sum(everyPartner.map((index) => sourcedOf(index, at, currency)));
  const influenced = sum(everyPartner.map((index) => influencedOf(index, at, currency)));
  const distinct = (influenced / 20n) * 10n;
  const unlinked = currency === 'USD' && at % 5 === 0 ? 123_450n : 0n;
  const total = sourced + distinct + unlinked + sourced * 2n;
  return {
    month,
    basis: 'paid',
    currency,
    ...both(currency, {
      total,
      sourced,
      influenced_distinct: distinct,
      partner_involved: sourced + distinct,
      unlinked,
    }),
  };
}

function partnerRows({ month, at, currency }: Place): Row[] {
  return everyPartner
    .filter((index) => sourcedOf(index, at, currency) !== 0n)
    .map((index) => ({
      partner_id: partner(index),
      month,
      basis: 'paid',
      currency,
      deal_count: BigInt(1 + ((index + at) % 6)),
      ...both(currency, {
        sourced: sourcedOf(index, at, currency),
        influenced_gross: influencedOf(index, at, currency),
      }),
    }));
}

/** Credit adds up to the total without the unlinked: partners, two channels, and the rest to nobody. */
function creditRows(place: Place): Row[] {
  const { month, at, currency } = place;
  const revenue = revenueRow(place);
  const linked = (revenue.total_minor as bigint) - (revenue.unlinked_minor as bigint);
  return methods.flatMap((method, position) => {
    const row = (party_kind: string, party_id: string, amount: bigint): Row => ({
      month,
      basis: 'paid',
      method,
      party_kind,
      party_id,
      currency,
      ...both(currency, { amount }),
    });
    const partners = everyPartner.map((index) =>
      row(
        'partner',
        partner(index),
        ((sourcedOf(index, at, currency) * BigInt(8 + ((index * 3 + position * 2) % 5))) / 100n / 10n) * 100n,
      ),
    );
    const sales = (linked / 40n) * 10n;
    const search = (linked / 100n) * 10n;
    const rest = linked - sum(partners.map((entry) => entry.amount_minor as bigint)) - sales - search;
    return [
      ...partners,
      row('channel', 'sales', sales),
      row('channel', 'paid_search', search),
      row('unattributed', '', rest),
    ].filter((entry) => entry.amount_minor !== 0n);
  });
}

function liabilityRows(): Row[] {
  return everyPartner.flatMap((index) => {
    const currency = index % 3 === 0 ? 'EUR' : 'USD';
    let opening = 0n;
    return months.map((month, at): Row => {
      const accrued = (sourcedOf(index, at, currency) / 100n) * 20n;
      const clawed_back = (index + at) % 5 === 0 ? (accrued / 100n) * 10n : 0n;
      const true_up = index === 1 && at % 6 === 5 ? 25_000n : 0n;
      const paid = (opening / 20n) * 10n;
      const closing = opening + accrued - clawed_back + true_up - paid;
      const payable = (closing / 30n) * 10n;
      const row = {
        partner_id: partner(index),
        month,
        currency,
        fx_minor: 0n,
        ...both(currency, {
          opening,
          accrued,
          clawed_back,
          true_up,
          prior_period: 0n,
          written_off: 0n,
          paid,
          closing,
          contingent: (accrued / 40n) * 10n,
        }),
        ...both(currency, {
          accrued_balance: closing - payable,
          payable_balance: payable,
          disputed_balance: 0n,
          recoverable_balance: 0n,
        }),
      };
      opening = closing;
      return row;
    });
  });
}

const entryAccounts: Readonly<Record<string, readonly [debit: string, credit: string]>> = {
  accrual: ['commission_expense', 'accrued'],
  clawback: ['accrued', 'commission_expense'],
  true_up: ['commission_expense', 'accrued'],
  payout: ['payable', 'cash'],
};
const entryColumns = { accrual: 'accrued', clawback: 'clawed_back', true_up: 'true_up', payout: 'paid' } as const;

/** The ledger of the last three months: one entry for each movement that is not zero. */
function entryRows(): Row[] {
  return liabilityRows()
    .filter(({ month }) => months.slice(-3).includes(String(month)))
    .flatMap((row) =>
      Object.entries(entryColumns)
        .filter(([, column]) => row[`${column}_minor`] !== 0n)
        .map(([entry_type, column]): Row => {
          const [debit_account, credit_account] = entryAccounts[entry_type]!;
          return {
            entry_id: `E-${row.partner_id}-${row.month}-${entry_type}`,
            entry_type,
            debit_account,
            credit_account,
            partner_id: row.partner_id!,
            amount_minor: row[`${column}_minor`]!,
            reporting_amount_minor: row[`reporting_${column}_minor`]!,
            currency: row.currency!,
            effective_date: String(row.month).replace(/01$/, '17'),
            posted_month: row.month!,
            origin_month: row.month!,
            plan: 'referral-2026',
            component: '1:percent',
            deal_id: 'crm:D-1',
            invoice_id: 'bill:INV-1',
            cause_id: `cause-${row.partner_id}-${row.month}-${entry_type}`,
          };
        }),
    );
}

export const company: Tables = {
  dim_partner: names.map((name, index) => ({
    partner_id: partner(index),
    name,
    motion: motions[index % 3] ?? null,
    tier: index % 4 === 0 ? 'gold' : null,
    status: 'active',
    country: 'US',
    joined_at: '2024-01-10T05:00:00Z',
  })),
  fct_revenue_monthly: places.map(revenueRow),
  fct_partner_revenue_monthly: places.flatMap(partnerRows),
  fct_attribution_monthly: places.flatMap(creditRows),
  fct_commission_liability: liabilityRows(),
  fct_commission_entry: entryRows(),
  fct_partner_activation: names.map((_, index) => ({
    partner_id: partner(index),
    joined_at: '2024-01-10T05:00:00Z',
    first_event_at: index < 2 ? '2026-02-10T12:00:00Z' : '2024-03-11T12:00:00Z',
    first_event_kind: 'deal',
    last_event_at: index > 10 ? '2025-09-01T12:00:00Z' : '2026-02-20T12:00:00Z',
    is_active: index <= 10,
    days_to_first_deal: null,
  })),
};
