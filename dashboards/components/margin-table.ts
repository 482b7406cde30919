// What resellers keep of the list price, per reseller and currency, or a reseller's own; a row opens to its invoices.
import { html } from 'htl';
import type { List, MarginRow, OwnMarginRow, OwnResoldRow, ResoldRow } from './answers.js';
import { ask } from './api.js';
import { dealHref } from './deal-list.js';
import { amount } from './figure.js';
import { countText, integerText, monthText, nativeId, percentText, perMille } from './format.js';
import { minor } from './money.js';
import { openRow } from './open-row.js';
import { type Column, table } from './table.js';

const LIMIT = 1000;
const INVOICES = 100;
const FORMULA = 'list price less what is invoiced, net of tax: margin, never commission';

type Margin = Pick<MarginRow, 'list' | 'net' | 'margin' | 'unpriced_lines'>;
type Invoice = OwnResoldRow & Partial<Pick<ResoldRow, 'explain_id'>>;

export async function marginSection(): Promise<Node> {
  const { items } = await ask<List<MarginRow>>(`/v1/commissions/margins?limit=${LIMIT}`);
  const invoicesOf = ({ partner_id, currency }: MarginRow) =>
    `/v1/commissions/margins/invoices?${new URLSearchParams({ partner_id, currency })}`;
  return html`<section id="margins"><h2>What resellers keep</h2><p class="subtitle">${FORMULA}; a row opens to its invoices</p>${table(
    {
      caption: 'What resellers keep of the list price',
      rows: items,
      first: 20,
      rowId: ({ partner_id, currency }) => [partner_id, currency].join('/'),
      empty: 'No invoice is billed to a reseller, and no deal with an invoice names one.',
      columns: [
        {
          label: 'Reseller',
          value: (row) =>
            html.fragment`${openRow(row.partner_name ?? row.partner_id, () => invoices(row, invoicesOf(row)))}<span class="aside">${countText(row.invoice_count, 'invoice')}${unpriced(row)}</span>`,
        },
        { label: 'Currency', value: ({ currency }) => currency },
        ...figures<MarginRow>(),
      ],
    },
  )}</section>`;
}

/** Nothing for a partner that resells nothing. */
export function ownMargins(rows: readonly OwnMarginRow[]): Node | string {
  if (rows.length === 0) return '';
  return html`<section id="margins" class="gap"><h2>What we keep as a reseller</h2><p class="subtitle">${FORMULA}; a row opens to its invoices</p>${table(
    {
      caption: 'What we keep of the list price',
      rows,
      rowId: ({ currency }) => currency,
      empty: '',
      columns: [
        {
          label: 'Currency',
          value: (row) =>
            html.fragment`${openRow(row.currency, () => invoices(row, `/v1/me/margins/invoices?currency=${row.currency}`))}<span class="aside">${countText(row.invoice_count, 'invoice')}${unpriced(row)}</span>`,
        },
        ...figures<OwnMarginRow>(),
      ],
    },
  )}</section>`;
}

async function invoices({ invoice_count }: OwnMarginRow, path: string): Promise<Node> {
  const { items, next_cursor } = await ask<List<Invoice>>(`${path}&limit=${INVOICES}`);
  const rest = next_cursor
    ? html`<p class="proof">The latest ${integerText(items.length)} of ${integerText(invoice_count)}; <a href=${`${path}&format=csv&limit=10000`} download="resold-invoices.csv">all as CSV</a>.</p>`
    : '';
  return html`<div>${table({
    caption: 'Its invoices, the latest first',
    rows: items,
    rowId: ({ invoice_id }) => invoice_id,
    empty: '',
    columns: [
      {
        label: 'Invoice',
        value: (row) =>
          html.fragment`<code>${nativeId(row.invoice_id)}</code><span class="aside">${monthText(row.month)}${unpriced(row)}</span>`,
      },
      { label: 'Deal', value: dealOf },
      ...figures<Invoice>(({ explain_id }) => explain_id ?? null),
    ],
  })}${rest}</div>`;
}

/** A deal that it resells is none of a partner's own: it has no page there. */
function dealOf({ deal_id, deal_name, explain_id }: Invoice): Node | string {
  if (!deal_id) return 'no deal';
  const name = deal_name ?? deal_id;
  return explain_id ? html`<a href=${dealHref(deal_id)}>${name}</a>` : name;
}

function figures<Row extends Margin>(explain: (row: Row) => string | null = () => null): Column<Row>[] {
  return [
    { label: 'List price', align: 'right', isWide: true, value: (row) => amount(row.list, explain(row)) },
    { label: 'Net', align: 'right', isWide: true, value: (row) => amount(row.net, explain(row)) },
    { label: 'Margin', align: 'right', value: (row) => amount(row.margin, explain(row)) },
    {
      label: 'Of list',
      align: 'right',
      value: ({ margin, list }) => percentText(perMille(minor(margin), minor(list))),
    },
  ];
}

function unpriced({ unpriced_lines }: Margin): string {
  return unpriced_lines ? `, ${countText(unpriced_lines, 'line')} without a list price` : '';
}
