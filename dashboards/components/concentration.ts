// How much of the partners' revenue hangs on a few: a bar of shares over the last twelve months.
import { html } from 'htl';
import type { PartnerMonthRow } from './answers.js';
import { percentText, perMille } from './format.js';
import { largestFirst, minor } from './money.js';
import type { MonthRevenue } from './revenue.js';
import { emptyState } from './table.js';

const numbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five'];

export interface ConcentrationOptions {
  /** The largest partners' months. */
  readonly trend: readonly PartnerMonthRow[];
  /** The company's months; of these the last twelve count. */
  readonly months: readonly MonthRevenue[];
}

export function concentration({ trend, months }: ConcentrationOptions): HTMLElement {
  const totals = [...Map.groupBy(trend, ({ partner_id }) => partner_id).values()].map((rows) => ({
    name: rows[0]?.partner_name ?? rows[0]?.partner_id ?? '',
    sourced: rows.reduce((sum, row) => sum + minor(row.reporting_sourced), 0n),
  }));
  const earning = totals.filter(({ sourced }) => sourced > 0n);
  const top = largestFirst(
    earning,
    ({ sourced }) => sourced,
    ({ name }) => name,
  ).slice(0, 5);
  const whole = months.slice(-12).reduce((sum, { sourced }) => sum + minor(sourced), 0n);
  if (whole <= 0n || top.length === 0)
    return html`<section><h2>Concentration</h2>${emptyState('No partner has sourced revenue in twelve months.')}</section>`;
  const share = (amount: bigint) => perMille(amount, whole) ?? 0;
  const topShare = share(top.reduce((sum, { sourced }) => sum + sourced, 0n));
  const rest = 1000 - topShare;
  const title = `${numbers[top.length]} partner${top.length === 1 ? ' brings' : 's bring'} ${percentText(topShare)} of it`;
  return html`<section><h2>${title}</h2><p class="subtitle">share of revenue that partners sourced, last 12 months</p>
    <div class="share-bar" aria-hidden="true">
      ${top.map(({ sourced }, index) => html`<span style=${`--share:${share(sourced)};--strength:${1 - index * 0.15}`}></span>`)}
      ${rest > 0 ? html`<span class="rest" style=${`--share:${rest}`}></span>` : ''}
    </div>
    <ul class="share-names">${top.map(({ name, sourced }) => html`<li>${name} <b>${percentText(share(sourced))}</b></li>`)}
      ${rest > 0 ? html`<li>others <b>${percentText(rest)}</b></li>` : ''}</ul></section>`;
}
