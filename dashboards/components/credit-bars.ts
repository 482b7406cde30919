// Who gets the credit under each method: partners, other channels, nobody. A click chooses the method.
import { html } from 'htl';
import type { MethodTotals } from './credit.js';
import { amount } from './figure.js';
import { percentText, perMille, sentence } from './format.js';
import { minor } from './money.js';
import { setQuery } from './query.js';
import { emptyState, table } from './table.js';

export interface CreditBarsOptions {
  readonly totals: readonly MethodTotals[];
  readonly method: string;
  readonly currency: string;
  /** Explains the month as a whole. */
  readonly explain_id: string;
}

export function creditBars({ totals, method, currency, explain_id }: CreditBarsOptions): HTMLElement {
  const head = html.fragment`<h2>Credit by method</h2><p class="subtitle"><i class="dot partner"></i>partners <i class="dot channel"></i>other channels <i class="dot nobody"></i>nobody</p>`;
  if (totals.every(({ partners, channels, unattributed }) => !partners && !channels && !unattributed))
    return html`<section class="chart">${head}${emptyState('Nothing to give credit for in this month. Choose another month or basis.')}</section>`;
  const rows = totals.map((total) => bar(total, method));
  const twin = html`<details class="twin"><summary>as a table<span class="only-read">: credit by method</span></summary>${twinTable(totals, currency, explain_id)}</details>`;
  return html`<section class="chart"><div class="chart-head"><div>${head}</div>${twin}</div><ul class="credit-bars">${rows}</ul></section>`;
}

function bar(total: MethodTotals, chosen: string): Node {
  const [partners, channels, nobody] = [minor(total.partners), minor(total.channels), minor(total.unattributed)];
  const whole = partners + channels + nobody;
  const share = (part: bigint) => perMille(part, whole) ?? 0;
  const button = html`<button type="button" aria-pressed=${String(total.method === chosen)}>
    <span class="name">${sentence(total.method)}</span>
    <span class="bar" aria-hidden="true"><i class="partner" style=${`--share:${share(partners)}`}></i><i class="channel" style=${`--share:${share(channels)}`}></i><i class="nobody" style=${`--share:${share(nobody)}`}></i></span>
    <span class="value">${percentText(whole > 0n ? share(partners) : null)}<span class="only-read"> to partners</span></span></button>`;
  button.addEventListener('click', () => setQuery({ method: total.method }));
  return html`<li>${button}</li>`;
}

function twinTable(totals: readonly MethodTotals[], currency: string, explain_id: string): HTMLElement {
  return table({
    caption: `Credit by method, ${currency}`,
    rows: totals,
    empty: '',
    columns: [
      { label: 'Method', value: ({ method }) => sentence(method) },
      { label: `Partners, ${currency}`, align: 'right', value: ({ partners }) => amount(partners, explain_id) },
      { label: 'Other channels', align: 'right', value: ({ channels }) => amount(channels, explain_id) },
      { label: 'Nobody', align: 'right', value: ({ unattributed }) => amount(unattributed, explain_id) },
    ],
  });
}
