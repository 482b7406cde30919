// Registrations and leads of partners that did not decide a deal, each with who won and why.
import { html } from 'htl';
import type { ConflictRow } from './answers.js';
import { accountAside, dealHref } from './deal-list.js';
import { amountWithCurrency, explainHref } from './figure.js';
import { sentence, words } from './format.js';
import { table } from './table.js';

export function conflictTable(conflicts: readonly ConflictRow[]): HTMLElement {
  return table({
    caption: 'Claims on a deal that lost',
    rows: conflicts,
    rowId: ({ evidence_id }) => evidence_id,
    first: 40,
    empty: 'No claim lost: every deal has at most one partner that claims it.',
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, deal_name, account_name }) =>
          html.fragment`<a href=${dealHref(deal_id)}>${deal_name ?? deal_id}</a><span class="aside">${accountAside(deal_name, account_name)}</span>`,
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
      { label: 'Why', value: ({ reason }) => sentence(reason) },
      {
        label: 'Claim',
        isWide: true,
        value: ({ evidence_id, evidence_explain_id }) =>
          html`<a href=${explainHref(evidence_explain_id)}><code>${evidence_id}</code></a>`,
      },
      { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, row.explain_id) },
    ],
  });
}
