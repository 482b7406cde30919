// The windows side by side: the month and the twelve months up to it, and what a window changes. A window opens to its months.
import { html } from 'htl';
import type { WindowRow } from './answers.js';
import { amount } from './figure.js';
import { integerText, type Money, monthText, nothing, percentText, perMille } from './format.js';
import { minor } from './money.js';
import { openRow } from './open-row.js';
import { type Column, table } from './table.js';
import type { WindowRevenue } from './windows.js';

type Child = Node | string;

export interface WindowTableOptions {
  readonly windows: readonly WindowRevenue[];
  readonly month: string;
  readonly currency: string;
  readonly empty: string;
}

export function windowTable({ windows, month, currency, empty }: WindowTableOptions): HTMLElement {
  const own = windows.find(({ is_configured }) => is_configured);
  const [name, sourcedColumn, influencedColumn] = windowColumns(currency);
  return table({
    caption: `Sourced and influenced under other windows, ${currency}`,
    rows: windows.toSorted((left, right) => Number(right.is_configured) - Number(left.is_configured)),
    rowId: ({ window_days, is_configured }) => (is_configured ? 'own' : String(window_days)),
    empty,
    columns: [
      name,
      sourcedColumn,
      money('Change', ({ sourced }) => changeText(sourced, own?.sourced), true),
      influencedColumn,
      money('Change', ({ influenced }) => changeText(influenced, own?.influenced), true),
      money(`Sourced, ${monthText(month)}`, ({ month: row }) => amount(row?.reporting_sourced), true),
      money('Deals', ({ month: row }) => integerText(row?.sourced_deal_count), true),
      money(`Influenced, ${monthText(month)}`, ({ month: row }) => amount(row?.reporting_influenced_distinct), true),
      money('Deals', ({ month: row }) => integerText(row?.influenced_deal_count), true),
    ],
  });
}

/** Window, sourced, influenced: the columns that the chart's twin has, too. */
export function windowColumns(currency: string): [Column<WindowRevenue>, Column<WindowRevenue>, Column<WindowRevenue>] {
  return [
    { label: 'Windows', value: (window) => openRow(windowName(window), async () => monthTable(window, currency)) },
    money(`Sourced, ${currency}`, ({ sourced }) => amount(sourced)),
    money('Influenced', ({ influenced }) => amount(influenced)),
  ];
}

function money(label: string, value: Column<WindowRevenue>['value'], isWide = false): Column<WindowRevenue> {
  return { label, align: 'right', isWide, value };
}

function windowName({ window_days, is_configured }: WindowRevenue): Child {
  return is_configured ? html`<strong>Our own</strong>` : `${window_days} days`;
}

/** Only published months lead to records; the others tell what would be. */
function monthTable({ months, window_days, is_configured }: WindowRevenue, currency: string): HTMLElement {
  const id = ({ explain_id }: WindowRow) => explain_id;
  return table({
    caption: `Months under ${is_configured ? 'our own windows' : `windows of ${window_days} days`}`,
    rows: months.toReversed(),
    rowId: ({ month }) => month,
    empty: 'No month has money on this basis.',
    columns: [
      { label: 'Month', value: ({ month }) => monthText(month) },
      { label: `Sourced, ${currency}`, align: 'right', value: (row) => amount(row.reporting_sourced, id(row)) },
      { label: 'Deals', align: 'right', value: (row) => integerText(row.sourced_deal_count) },
      { label: 'Influenced', align: 'right', value: (row) => amount(row.reporting_influenced_distinct, id(row)) },
      { label: 'Deals', align: 'right', value: (row) => integerText(row.influenced_deal_count) },
      {
        label: 'Either',
        align: 'right',
        isWide: true,
        value: (row) => amount(row.reporting_partner_involved, id(row)),
      },
    ],
  });
}

function changeText(would: Money | undefined, own: Money | undefined): string {
  if (!would || !own || minor(own) === 0n) return nothing;
  return percentText(perMille(minor(would) - minor(own), minor(own)), { sign: true });
}
