// Channels that are no partner's, competing for the same credit.
import { html } from 'htl';
import type { PartyCredit } from './credit.js';
import { amount } from './figure.js';
import { sentence, words } from './format.js';
import { table } from './table.js';

export function channelTable(channels: readonly PartyCredit[], method: string, currency: string): HTMLElement {
  return html`<section><h2>Other channels</h2><p class="subtitle">credit under ${words(method)}</p>${table({
    caption: `Credit of other channels under ${words(method)}`,
    rows: channels.slice(0, 8),
    empty: 'No channel other than partners touched a deal with money in this month.',
    columns: [
      { label: 'Channel', value: ({ name }) => sentence(name) },
      {
        label: `Credit, ${currency}`,
        align: 'right',
        value: ({ amounts, explain }) => amount(amounts.get(method), explain.get(method)),
      },
    ],
  })}</section>`;
}
