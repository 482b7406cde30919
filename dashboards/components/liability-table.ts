// The roll-forward per partner and currency, with totals that foot; and what the closing consists of, per currency.
import { html } from 'htl';
import type { LiabilityList } from './answers.js';
import { amount, convertedFrom } from './figure.js';
import { integerText, type Money, monthText } from './format.js';
import { release } from './release.js';
import { footing, movements, type Roll } from './roll-forward.js';
import { type Column, table } from './table.js';

export interface LiabilityTableOptions {
  readonly rows: readonly Roll[];
  /** One line per currency shown. */
  readonly totals: readonly Roll[];
  readonly month: string;
  readonly isReporting: boolean;
  /** Lines that are not shown because there are too many. */
  readonly hasMore: boolean;
}

export function liabilityTable({ rows, totals, month, isReporting, hasMore }: LiabilityTableOptions): HTMLElement {
  const broken = [...rows, ...totals].filter((row) => footing(row) !== 0n);
  const shown = movements.filter(
    ({ name }) =>
      name === 'accrued' ||
      name === 'paid' ||
      [...rows, ...totals].some(({ moved }) => moved.get(name)?.amount_minor !== '0'),
  );
  const isKnown = rows.some(({ contingent }) => contingent);
  const { reporting_currency } = release();
  const unit = isReporting ? `, ${reporting_currency}` : '';
  const columns: Column<Roll>[] = [
    {
      label: 'Partner',
      value: ({ label, currency }) =>
        html.fragment`${label}<span class="aside">${isReporting ? convertedFrom(currency) : currency}</span>`,
    },
    { label: 'Opening', align: 'right', isWide: true, value: (row) => amount(row.opening, row.explain_id) },
    ...shown.map(
      ({ name, label }): Column<Roll> => ({
        label,
        align: 'right',
        isWide: name !== 'accrued',
        value: (row) => amount(row.moved.get(name), row.explain_id),
      }),
    ),
    ...(isReporting
      ? [{ label: 'FX', align: 'right', isWide: true, value: (row) => amount(row.fx, row.explain_id) } as Column<Roll>]
      : []),
    { label: 'Closing', align: 'right', value: (row) => amount(row.closing, row.explain_id) },
    ...(isKnown
      ? [
          {
            label: 'Contingent',
            align: 'right',
            isWide: true,
            value: (row) => amount(row.contingent, row.explain_id),
          } as Column<Roll>,
        ]
      : []),
  ];
  const body = table({
    caption: `Roll-forward of ${monthText(month)} per partner and currency`,
    rows,
    rowId: ({ key }) => key,
    columns,
    totals,
    empty: `Nobody is owed anything in ${monthText(month)}. Choose another month or currency.`,
  });
  const more = hasMore
    ? html`<p class="proof">The first ${integerText(rows.length)} lines; totals are of all. <a href="/finance/entries">Entries</a> and the API have the rest.</p>`
    : '';
  return html`<section><div class="chart-head"><div><h2>Roll-forward per partner${unit}</h2><p class="subtitle">opening + movements = closing${isKnown ? '; contingent is expected on unpaid invoices and stands outside' : ''}</p></div>${mark(broken, rows.length)}</div>${body}${more}</section>`;
}

function mark(broken: readonly Roll[], count: number): Node | string {
  if (count === 0) return '';
  return broken.length === 0
    ? html`<p class="proof holds">every line foots</p>`
    : html`<p class="proof fails">${broken.length} lines do not foot</p>`;
}

type Balances = LiabilityList['totals'][number];

interface Balance {
  readonly label: string;
  readonly pick: (row: Balances) => Money;
}

const balances: readonly Balance[] = [
  { label: 'Held or not yet approved', pick: (row) => row.accrued_balance },
  { label: 'Payable', pick: (row) => row.payable_balance },
  { label: 'Disputed', pick: (row) => row.disputed_balance },
  { label: 'Recoverable', pick: (row) => row.recoverable_balance },
];

/** Closing = held + payable + disputed − recoverable, a column per currency. */
export function agingTable(totals: readonly Balances[], month: string): HTMLElement {
  const currencies = totals.filter((row) => row.month === month);
  return html`<section><h2>What the closing consists of</h2><p class="subtitle">held + payable + disputed − recoverable = closing</p>${table<Balance>(
    {
      caption: `Balances at the end of ${monthText(month)} per currency`,
      rows: currencies.length ? balances : [],
      totals: [{ label: 'Closing', pick: (row) => row.closing }],
      rowId: ({ label }) => label,
      empty: 'There is no balance in this month.',
      columns: [
        { label: 'Balance', value: ({ label }) => label },
        ...currencies.map(
          (row): Column<Balance> => ({
            label: row.currency,
            align: 'right',
            value: ({ pick }) => amount(pick(row), `liability/${month}`),
          }),
        ),
      ],
    },
  )}</section>`;
}
