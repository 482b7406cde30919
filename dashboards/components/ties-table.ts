// Whether what is owed ties: the aging against the roll-forward of the same date, and the release's own checks of the ledger
// against billing, statements and payouts. Every difference is named.
import { html } from 'htl';
import type { AgingList, LiabilityList, ReconciliationRow } from './answers.js';
import { minorText, nothing } from './format.js';
import { exponentOf, minor } from './money.js';
import { table } from './table.js';

interface Tie {
  readonly label: string;
  readonly currency: string;
  readonly left: bigint;
  readonly right: bigint;
  readonly why: string;
}

const checks: Readonly<Record<string, string>> = {
  targets_to_ledger: 'What plans make of billing = earned in the ledger',
  ledger_to_statements: 'Earned in the ledger = statements',
  payouts_to_ledger: 'Payouts reported = payouts in the ledger',
  ledger_to_liability: 'Earned − paid = owed at the end',
  commission_without_rate: 'Received, but waits for an exchange rate',
};

export function tiesTable(aging: AgingList, liability: LiabilityList, reconciled: readonly ReconciliationRow[]): Node {
  const rows = [...own(aging, liability), ...ofRelease(reconciled)];
  const apart = rows.filter(({ left, right }) => left !== right);
  const exponents = new Map(aging.totals.map(({ currency, closing }) => [currency, exponentOf(closing)]));
  const text = (amount: bigint, currency: string) => minorText(amount, exponents.get(currency) ?? 2);
  const proof =
    rows.length === 0
      ? ''
      : apart.length === 0
        ? html`<p class="proof holds">all agree to the cent</p>`
        : html`<p class="proof warns">${apart.length} differ, each with its reason</p>`;
  return html`<section id="ties"><h2>Does it tie</h2><p class="subtitle">to entries, statements and billing; <a href="/finance/reconciliation">all comparisons</a></p>${proof}${table<Tie>(
    {
      caption: 'What is owed against entries, statements and billing',
      rows: [...apart, ...rows.filter(({ left, right }) => left === right)],
      rowId: ({ label, currency }) => `${label}/${currency}`,
      empty: 'Nothing to compare yet: no commission was earned.',
      columns: [
        {
          label: 'Check',
          value: ({ label, currency, why, left, right }) =>
            html.fragment`<span class="wrap">${label}</span><span class="aside">${currency}</span>${left === right ? '' : html`<span class="deal-name wrap">${why}</span>`}`,
        },
        {
          label: 'Difference',
          align: 'right',
          value: ({ left, right, currency }) =>
            left === right
              ? html`<span class="holds">0</span>`
              : html`<span class="warns">${text(left - right, currency)}</span>`,
        },
      ],
    },
  )}</section>`;
}

function own({ totals }: AgingList, liability: LiabilityList): Tie[] {
  return totals.map(({ currency, closing }) => ({
    label: 'Aging = roll-forward of the same date',
    currency,
    left: minor(closing),
    right: minor(liability.totals.find((row) => row.currency === currency)?.closing),
    why: 'a bug of ours: please report it',
  }));
}

function ofRelease(rows: readonly ReconciliationRow[]): Tie[] {
  return rows.flatMap(({ check, currency, left, right, explanation }) => {
    const label = checks[check];
    return label
      ? [{ label, currency: currency ?? nothing, left: BigInt(left), right: BigInt(right), why: explanation ?? '' }]
      : [];
  });
}
