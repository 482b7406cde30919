// Claims that lost, and where attribution breaks: a work list with the money at stake and the next action.
import { html } from 'htl';
import type { ConflictRow, QualityAnswer } from './answers.js';
import { dealHref } from './deal-list.js';
import { amount, amountWithCurrency } from './figure.js';
import { integerText, nothing, sentence, words } from './format.js';
import { minor } from './money.js';
import { release } from './release.js';
import { table } from './table.js';

export function conflictTable(conflicts: readonly ConflictRow[]): HTMLElement {
  return table({
    caption: 'Claims on a deal that lost',
    rows: conflicts,
    rowId: ({ evidence_id }) => evidence_id,
    empty: 'No claim lost: every deal has at most one partner that claims it.',
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, deal_name, account_name }) =>
          html.fragment`<a href=${dealHref(deal_id)}>${deal_name ?? deal_id}</a><span class="aside">${account_name ?? ''}</span>`,
      },
      {
        label: 'Won by',
        value: ({ winner_partner_name, winner_rule }) =>
          html.fragment`${winner_partner_name ?? 'nobody'}<span class="aside">${winner_rule ? words(winner_rule) : ''}</span>`,
      },
      {
        label: 'Lost by',
        value: ({ partner_name, partner_id }) => html`<span class="lost">${partner_name ?? partner_id}</span>`,
      },
      { label: 'Why', value: ({ reason }) => sentence(reason) },
      { label: 'Claim', isWide: true, value: ({ evidence_id }) => html`<code>${evidence_id}</code>` },
      { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, row.explain_id) },
    ],
  });
}

export function gapTable(gaps: QualityAnswer['exceptions']): HTMLElement {
  return table({
    caption: 'Where attribution breaks',
    rows: gaps.toSorted((left, right) => (minor(left.at_stake) > minor(right.at_stake) ? -1 : 1)),
    empty: 'Nothing is open: all money is linked and every deal has touches.',
    columns: [
      {
        label: 'What',
        value: ({ kind, reason }) =>
          html.fragment`${sentence(kind)}<span class="aside">${reason ? words(reason) : ''}</span>`,
      },
      { label: 'Records', align: 'right', value: ({ record_count }) => integerText(record_count) },
      { label: `At stake, ${release().reporting_currency}`, align: 'right', value: ({ at_stake }) => amount(at_stake) },
      { label: 'Next action', value: ({ next_action }) => html`<span class="wrap">${next_action ?? nothing}</span>` },
    ],
  });
}
