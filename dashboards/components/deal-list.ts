// Deals as rows: who sourced them by which rule, what is contested, what was paid. Each opens its own page.
import { html } from 'htl';
import type { DealRow, List } from './answers.js';
import { ask } from './api.js';
import { amount, amountWithCurrency, explainHref } from './figure.js';
import { dayText, monthText, nothing, sentence, words } from './format.js';
import { context, release } from './release.js';
import { table } from './table.js';

export interface DealListOptions {
  readonly partner_id: string;
  readonly partner_name: string;
  readonly month: string;
  readonly basis: string;
}

const LIMIT = 25;

/** The partner's deals with money in the month, fetched now. */
export async function partnerDeals({ partner_id, partner_name, month, basis }: DealListOptions): Promise<Node> {
  const search = new URLSearchParams({ partner_id, month, basis, limit: String(LIMIT) });
  const { items, next_cursor } = await ask<List<DealRow>>(`/v1/deals?${search}`);
  search.set('limit', '10000');
  const more = next_cursor
    ? html`<p class="proof">The ${LIMIT} with the most of it; <a href=${`/v1/deals?${search}&format=csv`} download="deals.csv">all as CSV</a>.</p>`
    : '';
  return html`<div>${dealTable(items, `Deals of ${partner_name}`, { partner_id, revenue: `${sentence(basis)}, ${monthText(month)}` })}${more}</div>`;
}

export interface DealTableOptions {
  /** Whose role in each deal is shown, in place of who sourced it. */
  readonly partner_id?: string;
  /** Names the revenue that was asked for; shown in place of the amount. */
  readonly revenue?: string;
  readonly empty?: string;
}

export function dealTable(
  deals: readonly DealRow[],
  caption: string,
  {
    partner_id,
    revenue,
    empty = 'No deal has money here in this month. Choose another month or basis.',
  }: DealTableOptions = {},
): HTMLElement {
  const { reporting_currency, time_zone } = release();
  const role = (deal: DealRow) => (deal.sourcing_partner_id === partner_id ? 'sourced' : 'influenced');
  return table({
    caption,
    rows: deals,
    rowId: ({ deal_id }) => deal_id,
    empty,
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, name, account_name }) =>
          html.fragment`<a href=${dealHref(deal_id)}>${name ?? deal_id}</a><span class="aside">${accountAside(name, account_name)}</span>`,
      },
      {
        label: partner_id ? 'Role' : 'Sourced by',
        value: (deal) =>
          html.fragment`${
            partner_id
              ? html`<span class=${`tag ${role(deal) === 'sourced' ? 'partner' : ''}`}>${role(deal)}</span>`
              : (deal.sourcing_partner_name ?? nothing)
          }<span class="aside">${deal.sourcing_rule && (!partner_id || role(deal) === 'sourced') ? words(deal.sourcing_rule) : ''}${contested(deal)}</span>`,
      },
      {
        label: 'State',
        isWide: true,
        value: ({ state, closed_at, created_at }) =>
          `${sentence(state)} ${dayText(closed_at ?? created_at, time_zone)}`,
      },
      revenue
        ? {
            label: `${revenue}, ${reporting_currency}`,
            align: 'right',
            value: (deal) => amount(deal.revenue, deal.explain_id),
          }
        : {
            label: 'Amount',
            align: 'right',
            isWide: true,
            value: (deal) => amountWithCurrency(deal.amount, deal.explain_id),
          },
      {
        label: `Paid so far${revenue ? '' : `, ${reporting_currency}`}`,
        align: 'right',
        isWide: revenue !== undefined,
        value: (deal) => amount(deal.paid, deal.explain_id),
      },
    ],
  });
}

/** The account beside a deal whose name does not say it already. */
export function accountAside(deal: string | null, account: string | null): string {
  return account && !deal?.includes(account) ? account : '';
}

/** A deal where the readers of this page may open it: its own page is for RevOps, what it earned a partner for that partner. */
export function dealHref(deal_id: string): string {
  const { audience } = context();
  if (audience === 'revops') return `/revops/deal?id=${encodeURIComponent(deal_id)}`;
  if (audience === 'partner') return `/partner/explain?deal=${encodeURIComponent(deal_id)}`;
  return explainHref(deal_id);
}

function contested({ conflict_count }: DealRow): Node | string {
  return conflict_count ? html`<span class="warning"> contested by ${conflict_count}</span>` : '';
}
