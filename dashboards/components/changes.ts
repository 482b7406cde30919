// What changed in the month, in sentences; each opens its records.
import { html } from 'htl';
import type { ActivationRow, LiabilityTotal, QualityAnswer } from './answers.js';
import { amount, explainHref } from './figure.js';
import { countText, monthOf, monthText, sentence, shiftMonth } from './format.js';
import { exponentOf, minor, toMoney } from './money.js';
import { release } from './release.js';
import type { MonthRevenue } from './revenue.js';
import { emptyState } from './table.js';

export interface ChangesOptions {
  readonly month: string;
  readonly basis: string;
  readonly activation: readonly ActivationRow[];
  readonly liability: LiabilityTotal | undefined;
  readonly revenue: MonthRevenue | undefined;
  readonly quality: QualityAnswer;
}

type Child = Node | string;

type Sentence = { readonly text: string; readonly href: string; readonly detail: Child };

export function changes(options: ChangesOptions): HTMLElement {
  const { month } = options;
  const sentences = [
    ...missingRates(options),
    ...newPartners(options),
    ...quietPartners(options),
    ...commissionChanges(options),
    ...unlinkedMoney(options),
    ...exceptions(options),
  ].slice(0, 5);
  const list = sentences.map(
    ({ text, href, detail }) => html`<li><a href=${href}>${text}</a><span>${detail}</span></li>`,
  );
  return html`<section><h2>What changed since ${monthText(shiftMonth(month, -1))}</h2><p class="subtitle">each line opens its records</p>
    ${list.length ? html`<ul class="sentences one-line">${list}</ul>` : emptyState('Nothing that asks for attention.')}</section>`;
}

const RATE_MISSING = 'fx_rate_missing';

/** First of all: the figures above are without this money. */
function missingRates({ quality }: ChangesOptions): Sentence[] {
  const missing = quality.exceptions.find(({ kind }) => kind === RATE_MISSING);
  if (!missing) return [];
  const text = `${countText(missing.record_count, 'amount')} without an exchange rate`;
  return [{ text, href: '/trust/#exceptions', detail: html`<span class="warning">in no figure of this page</span>` }];
}

function newPartners({ activation, month }: ChangesOptions): Sentence[] {
  const { time_zone } = release();
  const fresh = activation.filter(
    ({ first_event_at }) => first_event_at && monthOf(first_event_at, time_zone) === month,
  );
  const [first] = fresh;
  if (!first) return [];
  const text = `${countText(fresh.length, 'partner')} activated`;
  return [{ text, href: hrefOf(first, month), detail: names(fresh, month) }];
}

function quietPartners({ activation, month }: ChangesOptions): Sentence[] {
  const quiet = activation.filter(({ is_active, first_event_at }) => !is_active && first_event_at);
  const [first] = quiet;
  if (!first) return [];
  return [
    {
      text: `${countText(quiet.length, 'partner')} quiet for 90 days`,
      href: hrefOf(first, month),
      detail: names(quiet, month),
    },
  ];
}

function commissionChanges({ liability, month }: ChangesOptions): Sentence[] {
  if (!liability) return [];
  const id = `liability/${month}`;
  const href = explainHref(id);
  const { clawed_back, paid } = liability;
  const back = toMoney(-minor(clawed_back), clawed_back.currency, exponentOf(clawed_back));
  const sentences: Sentence[] = [];
  if (minor(paid) !== 0n) sentences.push({ text: 'Commission paid out to partners', href, detail: amount(paid, id) });
  if (minor(back) !== 0n)
    sentences.push({
      text: 'Commission taken back for refunds and disputes',
      href,
      detail: html`<span class="warning">${amount(back, id)}</span>`,
    });
  return sentences;
}

function unlinkedMoney({ revenue, month, basis }: ChangesOptions): Sentence[] {
  if (!revenue || minor(revenue.unlinked) === 0n) return [];
  return [
    {
      text: `${sentence(basis)} revenue that belongs to no deal`,
      href: explainHref(`revenue/${month}/${basis}`),
      detail: amount(revenue.unlinked, `revenue/${month}/${basis}`),
    },
  ];
}

function exceptions({ quality }: ChangesOptions): Sentence[] {
  return quality.exceptions
    .filter(({ kind }) => kind !== RATE_MISSING)
    .toSorted((left, right) => (minor(left.at_stake) > minor(right.at_stake) ? -1 : 1))
    .map(({ kind, record_count, at_stake }) => ({
      text: `${sentence(kind)}: ${countText(record_count, 'record')}`,
      href: '/trust/#exceptions',
      detail:
        at_stake && minor(at_stake) !== 0n
          ? html`<a href="/trust/#exceptions">${at_stake.currency} ${amount(at_stake)} at stake</a>`
          : '',
    }));
}

const NAMES_LENGTH_MAX = 34;

/** As many names as fit beside the sentence, each to its records, then how many more. */
function names(all: readonly ActivationRow[], month: string): Child {
  const [first, second] = all.map(nameOf);
  const fit = first && second && first.length + second.length <= NAMES_LENGTH_MAX ? 2 : 1;
  const links = all
    .slice(0, fit)
    .map((row, index) => html`${index ? ', ' : ''}<a href=${hrefOf(row, month)}>${nameOf(row)}</a>`);
  return html`<span>${links}${all.length > fit ? ` and ${all.length - fit} more` : ''}</span>`;
}

function nameOf({ partner_name, partner_id }: ActivationRow): string {
  return partner_name ?? partner_id;
}

function hrefOf({ partner_id }: ActivationRow, month: string): string {
  return explainHref(`${partner_id}/${month}`);
}
