// A partner's own deals as a board by stage with age and value, and its registrations with what is left of their protection.
import { html } from 'htl';
import type { List, OwnDealRow, OwnEntryRow, OwnRegistrationRow } from './answers.js';
import { ask } from './api.js';
import { amountWithCurrency } from './figure.js';
import { dayText, integerText, nothing, sentence } from './format.js';
import { largestFirst, minor } from './money.js';
import { release } from './release.js';
import { emptyState, table } from './table.js';

const CARDS = 6;

/** Open deals by stage, then what was won and lost. */
export function dealBoard(deals: readonly OwnDealRow[]): Node {
  if (deals.length === 0)
    return emptyState(
      'No deal yet. Register your first deal with your partner manager; it appears here the next morning.',
    );
  const open = Map.groupBy(
    deals.filter(({ state }) => state === 'open'),
    ({ stage }) => stage ?? 'Open',
  );
  const columns = [...open].map(([stage, rows]) => ({ stage, rows }));
  for (const state of ['won', 'lost'] as const) {
    const rows = deals.filter((deal) => deal.state === state);
    if (rows.length > 0) columns.push({ stage: sentence(state), rows });
  }
  return html`<div class="board">${columns.map(({ stage, rows }) => boardColumn(stage, rows))}</div>`;
}

function boardColumn(stage: string, rows: readonly OwnDealRow[]): Node {
  const sorted = largestFirst(
    rows,
    ({ amount }) => minor(amount),
    ({ deal_id }) => deal_id,
  );
  const rest = sorted.length - CARDS;
  return html`<section><h3>${stage} <span class="aside">${integerText(rows.length)}</span></h3><ul>${sorted.slice(0, CARDS).map(dealCard)}</ul>
    ${rest > 0 ? html`<p class="proof">and ${integerText(rest)} more</p>` : ''}</section>`;
}

function dealCard({ deal_id, name, account_name, role, age_days, amount, state }: OwnDealRow): Node {
  const age =
    age_days === null
      ? ''
      : state === 'open'
        ? `${integerText(age_days)} days old`
        : `took ${integerText(age_days)} days`;
  return html`<li data-id=${deal_id}><strong>${account_name ?? name ?? deal_id}</strong><span class="deal-name">${account_name ? (name ?? '') : ''}</span>
    <div><span class=${`tag ${role === 'sourced' ? 'partner' : ''}`}>${role}</span> <span class="aside">${age}</span><a href=${`/partner/explain?deal=${encodeURIComponent(deal_id)}`}>${amountWithCurrency(amount)}</a></div></li>`;
}

export function registrationTable(registrations: readonly OwnRegistrationRow[]): HTMLElement {
  return table({
    caption: 'Our registrations',
    rows: registrations,
    rowId: ({ registration_id }) => registration_id,
    empty: 'No registration yet. A registration protects a deal for you when it comes before the deal is created.',
    columns: [
      {
        label: 'Account',
        value: ({ account_name, domain, registration_id }) =>
          html.fragment`${account_name ?? domain ?? registration_id}<span class="aside"><code>${registration_id}</code></span>`,
      },
      {
        label: 'Status',
        value: ({ status }) =>
          html`<span class=${`tag ${status === 'approved' ? 'partner' : status === 'rejected' ? 'warning' : ''}`}>${sentence(status)}</span>`,
      },
      { label: 'Protection', align: 'right', value: protection },
    ],
  });
}

/** What is left of it at the business clock, as a bar and in words. */
function protection({ status, protection_ends_at, decided_at }: OwnRegistrationRow): Node | string {
  if (status === 'pending') return 'from approval';
  if (!protection_ends_at) return nothing;
  const now = Date.parse(release().as_of);
  const end = Date.parse(protection_ends_at);
  const left = Math.ceil((end - now) / 86_400_000);
  if (left <= 0) return html`<span class="nothing">ended ${dayText(protection_ends_at, release().time_zone)}</span>`;
  const whole = decided_at ? (end - Date.parse(decided_at)) / 86_400_000 : left;
  const share = Math.min(100, (left / Math.max(1, whole)) * 100);
  return html`<span class=${`protection ${left <= 14 ? 'warning' : ''}`}><i aria-hidden="true" style=${`--left:${share}%`}></i>${integerText(left)} days left</span>`;
}

/** What one deal earned the partner: each movement opens its own records. */
export async function ownDealPage(deal_id: string): Promise<Node> {
  const search = new URLSearchParams({ deal_id, limit: '500' });
  const { items } = await ask<List<OwnEntryRow>>(`/v1/me/commissions/entries?${search}`);
  const name = items.find((entry) => entry.deal_name)?.deal_name;
  return html`<section class="explanation"><p class="deal-head"><strong>${name ?? 'Deal'}</strong><code>${deal_id}</code></p>
    <h2>What it earned us</h2>${table({
      caption: 'Commission of this deal',
      rows: items,
      rowId: ({ entry_id }) => entry_id,
      empty: 'No commission yet on this deal: it is earned when the customer pays, on deals that you sourced.',
      columns: [
        {
          label: 'Date',
          value: ({ effective_date }) =>
            html`<span class="nowrap">${dayText(effective_date, release().time_zone)}</span>`,
        },
        { label: 'What', value: ({ entry_type }) => sentence(entry_type) },
        { label: 'Plan', isWide: true, value: ({ plan }) => plan ?? nothing },
        { label: 'Invoice', isWide: true, value: ({ invoice_id }) => html`<code>${invoice_id ?? nothing}</code>` },
        { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, row.explain_id) },
      ],
    })}</section>`;
}
