// Figures as they stand on every page: money with its way to the records, changes with a sign, dashes for nothing.
import { html } from 'htl';
import { groupDigits, type Money, nothing, percentText, perMille } from './format.js';
import { minor, subtract } from './money.js';
import { context, release } from './release.js';

type Child = Node | string;

/** Where a figure is explained: staff and partners have a page each. */
export function explainHref(id: string): string {
  return `/${context().audience === 'partner' ? 'partner' : 'trust'}/explain?id=${encodeURIComponent(id)}`;
}

/** What a line in the reporting currency was converted from; nothing where it needed no rate. */
export function convertedFrom(currency: string): string {
  return currency === release().reporting_currency ? '' : `from ${currency}`;
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
 * A change in percent of an earlier figure, with a sign, so that colour is not the only mark; in money where a percentage says
 * nothing. Where more is `neither` good nor bad, as with a liability, it has none.
 */
export function change(
  now: Money | undefined,
  before: Money | undefined,
  label: string,
  more: 'good' | 'neither' = 'good',
): Child {
  if (!now || !before) return html`<span class="change">no figure for ${label}</span>`;
  const difference = minor(now) - minor(before);
  const text = percentOf(difference, before) ?? signedText(subtract(now, before));
  return html`<span class="change"><span class=${more === 'good' ? direction(difference) : 'level'}>${text}</span> on ${label}</span>`;
}

/** A change as a controller reads it: the money, and the percentage where it says something. */
export function difference(now: Money | undefined, before: Money | undefined, label: string): Child {
  if (!now || !before) return html`<span class="change">no figure for ${label}</span>`;
  const moved = minor(now) - minor(before);
  if (moved === 0n) return html`<span class="change">as in ${label}</span>`;
  const percent = percentOf(moved, before);
  return html`<span class="change">${signedText(subtract(now, before))} on ${label}${percent ? `, ${percent}` : ''}</span>`;
}

function direction(difference: bigint): string {
  return difference > 0n ? 'up' : difference < 0n ? 'down' : 'level';
}

const TENTHS_MAX = 9_999;

/** Undefined of nothing, and where the earlier figure is so small that a percentage of it is only large. */
function percentOf(difference: bigint, before: Money): string | undefined {
  const base = minor(before) < 0n ? -minor(before) : minor(before);
  const tenths = perMille(difference, base);
  return tenths === null || Math.abs(tenths) > TENTHS_MAX ? undefined : percentText(tenths, { sign: true });
}

function signedText(money: Money): string {
  if (minor(money) === 0n) return '0';
  const { whole, decimals } = groupDigits(money.amount);
  return `${minor(money) > 0n ? '+' : ''}${whole}${decimals}`;
}
