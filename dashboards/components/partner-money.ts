// A partner's commission as four steps: expected, held, payable, paid; and how it came about month by month.
import { html } from 'htl';
import type { LiabilityRow, MeAnswer, OwnMarginRow } from './answers.js';
import { amount } from './figure.js';
import { monthText, shiftMonth } from './format.js';
import { minor } from './money.js';
import { footing, movements, type Roll, rollOf } from './roll-forward.js';
import { emptyState, table } from './table.js';

type Steps = MeAnswer['steps'][number];

const steps = [
  { name: 'expected', label: 'Expected', note: 'on invoices that are not paid yet' },
  { name: 'held', label: 'Held', note: 'earned; waits for the hold or the approval' },
  { name: 'payable', label: 'Payable', note: 'approved and due' },
  { name: 'paid', label: 'Paid', note: 'so far' },
] as const;

interface Behind {
  /** The roll-forward: its latest line of a currency explains the steps. */
  readonly months: readonly LiabilityRow[];
  /** What a reseller keeps instead. */
  readonly margins: readonly OwnMarginRow[];
}

export function moneySteps(all: readonly Steps[], { months, margins }: Behind): Node {
  if (all.length === 0 && margins.length > 0)
    return emptyState(
      html`A reseller earns by its discount, which is no commission: <a href="#margins">what we keep</a>.`,
    );
  if (all.length === 0)
    return emptyState(
      'No commission yet. It begins with the first payment on a deal that you sourced: register your next deal before it is created.',
    );
  return html`<div>${all.map((row) => stepRow(row, latestOf(months, row.currency)))}</div>`;
}

function latestOf(months: readonly LiabilityRow[], currency: string): string | undefined {
  const own = months
    .filter((row) => row.currency === currency)
    .sort((left, right) => (left.month < right.month ? -1 : 1));
  return own.at(-1)?.explain_id;
}

function stepRow(row: Steps, explain_id: string | undefined): Node {
  const tiles = steps.map(
    ({ name, label, note }, index) =>
      html`<div><h2>${index + 1}. ${label}</h2><span class="large"><small>${row.currency}</small>${amount(row[name], explain_id)}</span><p>${note}</p></div>`,
  );
  const aside = [
    minor(row.disputed) !== 0n ? html`<p class="proof warning">Disputed: ${amount(row.disputed, explain_id)}</p>` : '',
    minor(row.recoverable) !== 0n
      ? html`<p class="proof warning">To be set off against the next commission: ${amount(row.recoverable, explain_id)}</p>`
      : '',
  ];
  return html.fragment`<div class="figures">${tiles}</div>${aside}`;
}

/** The partner's own roll-forward of twelve months, the latest first. */
export function ownRollForward(rows: readonly LiabilityRow[]): HTMLElement {
  const latest =
    rows
      .map(({ month }) => month)
      .sort()
      .at(-1) ?? '';
  const rolls = rows
    .filter(({ month }) => month > shiftMonth(latest, -12))
    .toSorted((left, right) => (left.month > right.month ? -1 : 1))
    .flatMap((row) => {
      const roll = rollOf(row, 'native');
      return roll ? [{ ...roll, month: row.month }] : [];
    });
  const shown = movements.filter(
    ({ name }) =>
      name === 'accrued' || name === 'paid' || rolls.some(({ moved }) => moved.get(name)?.amount_minor !== '0'),
  );
  const foots = rolls.every((roll) => footing(roll) === 0n);
  const currencies = new Set(rolls.map(({ currency }) => currency));
  const only = currencies.size === 1 ? `, ${[...currencies][0]}` : '';
  type Line = Roll & { month: string };
  return html`<section><div class="chart-head"><div><h2>Our commission month by month${only}</h2><p class="subtitle">opening + movements = closing; each figure opens its records</p></div>${rolls.length ? html`<p class=${`proof ${foots ? 'holds' : 'fails'}`}>${foots ? 'every month foots' : 'a month does not foot'}</p>` : ''}</div>${table<Line>(
    {
      caption: 'Commission month by month',
      rows: rolls,
      rowId: ({ month, currency }) => `${month}/${currency}`,
      empty: 'No commission has been earned yet.',
      columns: [
        {
          label: 'Month',
          value: ({ month, currency }) =>
            html.fragment`${monthText(month)}<span class="aside">${only ? '' : currency}</span>`,
        },
        { label: 'Opening', align: 'right', isWide: true, value: (row) => amount(row.opening, row.explain_id) },
        ...shown.map(({ name, label }) => ({
          label,
          align: 'right' as const,
          isWide: name !== 'accrued',
          value: (row: Line) => amount(row.moved.get(name), row.explain_id),
        })),
        { label: 'Closing', align: 'right', value: (row) => amount(row.closing, row.explain_id) },
      ],
    },
  )}</section>`;
}
