// Registrations and leads of partners that did not decide a deal, each with what is at stake, who won and why.
import { html } from 'htl';
import type { ConflictRow, List } from './answers.js';
import { lossText } from './claim-words.js';
import { accountAside, dealHref } from './deal-list.js';
import { amount, amountWithCurrency, explainHref } from './figure.js';
import { integerText, words } from './format.js';
import { release } from './release.js';
import { table } from './table.js';

export function conflictTable({ items, next_cursor }: List<ConflictRow>): HTMLElement {
  const rest = next_cursor
    ? html`<p class="proof">The first ${integerText(items.length)}; <a href="/v1/conflicts?format=csv&limit=10000" download="conflicts.csv">all as CSV</a>.</p>`
    : '';
  const body = table({
    caption: 'Claims on a deal that lost',
    rows: items,
    rowId: ({ evidence_id }) => evidence_id,
    first: 40,
    empty: 'No claim lost: every deal has at most one partner that claims it.',
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, deal_name, account_name, state }) =>
          html.fragment`<a href=${dealHref(deal_id)}>${deal_name ?? deal_id}</a><span class="aside">${[accountAside(deal_name, account_name), state].filter(Boolean).join(' · ')}</span>`,
      },
      {
        label: 'Won by',
        isWide: true,
        value: ({ winner_partner_name, winner_rule }) =>
          html.fragment`${winner_partner_name ?? 'nobody'}<span class="aside">${winner_rule ? words(winner_rule) : ''}</span>`,
      },
      {
        label: 'Lost by',
        value: ({ partner_name, partner_id }) => html`<span class="lost">${partner_name ?? partner_id}</span>`,
      },
      { label: 'Why', value: ({ reason }) => html`<span class="wrap">${lossText(reason)}</span>` },
      {
        label: 'Claim',
        isWide: true,
        value: ({ evidence_id, evidence_explain_id }) =>
          html`<a href=${explainHref(evidence_explain_id)}><code>${evidence_id}</code></a>`,
      },
      { label: `At stake, ${release().reporting_currency}`, align: 'right', value: atStake },
    ],
  });
  return html`<div>${body}${rest}</div>`;
}

/** In the reporting currency; the deal's own amount beside it where that is another currency. */
function atStake({ at_stake, amount: own, explain_id }: ConflictRow): Node {
  const native = own.currency === at_stake.currency ? '' : html`<span class="aside">${amountWithCurrency(own)}</span>`;
  return html.fragment`${amount(at_stake, explain_id)}${native}`;
}
