// How much of the partners' revenue hangs on a few: a bar of shares over the last twelve months.
import { html } from 'htl';
import type { PartnerMonthRow } from './answers.js';
import { percentText, perMille } from './format.js';
import { largestFirst, minor } from './money.js';
import { emptyState } from './table.js';

const numbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five'];

export function concentration(trend: readonly PartnerMonthRow[]): HTMLElement {
  const totals = [...Map.groupBy(trend, ({ partner_id }) => partner_id).values()].map((rows) => ({
    name: rows[0]?.partner_name ?? rows[0]?.partner_id ?? '',
    sourced: rows.reduce((sum, row) => sum + minor(row.reporting_sourced), 0n),
  }));
  const earning = largestFirst(
    totals.filter(({ sourced }) => sourced > 0n),
    ({ sourced }) => sourced,
    ({ name }) => name,
  );
  const whole = earning.reduce((sum, { sourced }) => sum + sourced, 0n);
  if (whole === 0n)
    return html`<section><h2>Concentration</h2>${emptyState('No partner has sourced revenue in twelve months.')}</section>`;
  const top = earning.slice(0, 5);
  const rest = earning.length - top.length;
  const share = (amount: bigint) => perMille(amount, whole) ?? 0;
  const topShare = share(top.reduce((sum, { sourced }) => sum + sourced, 0n));
  const title =
    rest === 0
      ? `${numbers[top.length]} partner${top.length === 1 ? '' : 's'} bring all of it`
      : `${numbers[top.length]} partners bring ${percentText(topShare)} of it`;
  return html`<section><h2>${title}</h2><p class="subtitle">share of sourced revenue, last 12 months</p>
    <div class="share-bar" aria-hidden="true">
      ${top.map(({ sourced }, index) => html`<span style=${`--share:${share(sourced)};--strength:${1 - index * 0.15}`}></span>`)}
      ${rest ? html`<span class="rest" style=${`--share:${1000 - topShare}`}></span>` : ''}
    </div>
    <ul class="share-names">${top.map(({ name, sourced }) => html`<li>${name} <b>${percentText(share(sourced))}</b></li>`)}
      ${rest ? html`<li>${rest} other${rest === 1 ? '' : 's'} <b>${percentText(1000 - topShare)}</b></li>` : ''}</ul></section>`;
}
