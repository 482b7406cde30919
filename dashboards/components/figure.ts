// Figures as they stand on every page: money with its way to the records, changes with a sign, dashes for nothing.
import { html } from 'htl';
import { groupDigits, type Money, nothing, percentText } from './format.js';
import { minor } from './money.js';
import { context } from './release.js';

type Child = Node | string;

/** Where a figure is explained: staff and partners have a page each. */
export function explainHref(id: string): string {
  return `/${context().audience === 'partner' ? 'partner' : 'trust'}/explain?id=${encodeURIComponent(id)}`;
}

/** The digits of an amount, its decimals quieter; the exact integer stays in `data-minor`. */
export function digits(money: Money): Child {
  const { whole, decimals } = minor(money) === 0n ? { whole: '0', decimals: '' } : groupDigits(money.amount);
  const cents = decimals ? html`<span class="decimals">${decimals}</span>` : '';
  return html`<span class="digits" data-minor=${money.amount_minor} data-currency=${money.currency}>${whole}${cents}</span>`;
}

/** An amount that opens its explanation; a dash for none. The currency stands in the column's head or beside the figure. */
export function amount(money: Money | null | undefined, explain_id?: string | null): Child {
  if (!money) return html`<span class="nothing">${nothing}</span>`;
  if (!explain_id) return digits(money);
  return html`<a class="explained" href=${explainHref(explain_id)}>${digits(money)}</a>`;
}

/** The same with its currency before it, where no column names it. */
export function amountWithCurrency(money: Money | null | undefined, explain_id?: string | null): Child {
  if (!money) return amount(money);
  return html`<span class="with-currency"><span class="code">${money.currency}</span> ${amount(money, explain_id)}</span>`;
}

/**
 * A change in percent of an earlier figure, with a sign, so that colour is not the only mark. Where more is `neither` good nor bad,
 * as with a liability, it has none.
 */
export function change(
  now: Money | undefined,
  before: Money | undefined,
  label: string,
  more: 'good' | 'neither' = 'good',
): Child {
  if (!now || !before || minor(before) === 0n) return html`<span class="change">no figure for ${label}</span>`;
  const base = minor(before) < 0n ? -minor(before) : minor(before);
  const tenths = perMilleChange(minor(now) - minor(before), base);
  return html`<span class="change"><span class=${more === 'good' ? direction(tenths) : 'level'}>${percentText(tenths, { sign: true })}</span> on ${label}</span>`;
}

function direction(tenths: number): string {
  return tenths > 0 ? 'up' : tenths < 0 ? 'down' : 'level';
}

function perMilleChange(difference: bigint, base: bigint): number {
  const scaled = (difference * 2000n) / base;
  return Number(scaled >= 0n ? (scaled + 1n) / 2n : (scaled - 1n) / 2n);
}
