// A partner's own deals as a board by stage with age and value, and its registrations with what is left of their protection.
import { html } from 'htl';
import type { List, OwnDealRow, OwnEntryRow, OwnRegistrationRow } from './answers.js';
import { ask } from './api.js';
import { dealHref } from './deal-list.js';
import { amountWithCurrency, digits } from './figure.js';
import { dayText, integerText, type Money, nativeId, nothing, sentence, words } from './format.js';
import { largestFirst, minor, sum } from './money.js';
import { release, titleTab } from './release.js';
import { emptyState, table } from './table.js';

const CARDS = 4;

/** Open deals by stage, then what was won and lost. */
export function dealBoard(deals: readonly OwnDealRow[]): Node {
  if (deals.length === 0)
    return emptyState(
      'No deal yet. Register your first deal with your partner manager; it appears here the next morning.',
    );
  const open = Map.groupBy(
    deals.filter(({ state }) => state === 'open'),
    ({ stage }) => stage ?? 'Open',
  );
  const columns = [...open]
    .map(([stage, rows]) => ({ stage: sentence(stage), rows }))
    .sort((left, right) => meanAge(left.rows) - meanAge(right.rows));
  for (const state of ['won', 'lost'] as const) {
    const rows = deals.filter((deal) => deal.state === state);
    if (rows.length > 0) columns.push({ stage: sentence(state), rows });
  }
  return html`<div class="board">${columns.map(({ stage, rows }) => boardColumn(stage, rows))}</div>`;
}

/** Stages come in the order in which deals pass them: the younger its deals, the earlier the stage. */
function meanAge(deals: readonly OwnDealRow[]): number {
  return deals.reduce((total, { age_days }) => total + (age_days ?? 0), 0) / deals.length;
}

function boardColumn(stage: string, rows: readonly OwnDealRow[]): Node {
  const sorted = largestFirst(
    rows,
    ({ amount }) => minor(amount),
    ({ deal_id }) => deal_id,
  );
  const list = html`<ul>${sorted.slice(0, CARDS).map(dealCard)}</ul>`;
  return html`<section><h3>${stage} <span class="aside">${integerText(rows.length)}</span></h3>${list}${sorted.length > CARDS ? allButton(list, sorted) : ''}</section>`;
}

function allButton(list: HTMLElement, deals: readonly OwnDealRow[]): HTMLElement {
  const button = html`<button type="button" class="choice more">Show all ${integerText(deals.length)}</button>`;
  button.addEventListener('click', () => {
    list.replaceChildren(...deals.map(dealCard));
    button.remove();
    list.querySelectorAll('a')[CARDS]?.focus();
  });
  return button;
}

function dealCard({ deal_id, name, account_name, role, age_days, amount, state }: OwnDealRow): Node {
  const age =
    age_days === null
      ? ''
      : state === 'open'
        ? `${integerText(age_days)} days old`
        : `took ${integerText(age_days)} days`;
  return html`<li data-id=${deal_id}><strong>${account_name ?? name ?? deal_id}</strong>
    <div><span class="deal-name">${account_name ? shortName(name, account_name) : ''}</span><a href=${dealHref(deal_id)}>${amountWithCurrency(amount)}</a></div>
    <div><span class=${`tag ${role === 'sourced' ? 'partner' : ''}`}>${role}</span> <span class="aside">${age}</span></div></li>`;
}

/** A deal's name without that of its account, which stands above it. */
function shortName(name: string | null, account: string): string {
  return name?.startsWith(account) ? name.slice(account.length).replace(/^[\s–—:-]+/, '') : (name ?? '');
}

export function registrationTable(registrations: readonly OwnRegistrationRow[]): HTMLElement {
  return table({
    caption: 'Our registrations',
    rows: registrations.toSorted((left, right) => daysLeft(right) - daysLeft(left)),
    first: 8,
    rowId: ({ registration_id }) => registration_id,
    empty: 'No registration yet. A registration protects a deal for you when it comes before the deal is created.',
    columns: [
      {
        label: 'Account',
        value: ({ account_name, domain, registration_id }) => account_name ?? domain ?? registration_id,
      },
      {
        label: 'Status',
        value: ({ status }) =>
          html`<span class=${`tag ${status === 'approved' ? 'partner' : status === 'rejected' ? 'warning' : ''}`}>${sentence(status)}</span>`,
      },
      { label: 'Protection', align: 'right', value: protection },
    ],
  });
}

/** Days of protection left at the business clock; those without come last, what waits for approval first. */
function daysLeft({ status, protected_until_at }: OwnRegistrationRow): number {
  if (status === 'pending') return Number.MAX_SAFE_INTEGER;
  if (!protected_until_at) return Number.MIN_SAFE_INTEGER;
  return Math.ceil((Date.parse(protected_until_at) - Date.parse(release().as_of)) / 86_400_000);
}

/** What is left of the protection, as a bar and in words. */
function protection(registration: OwnRegistrationRow): Node | string {
  const { status, protected_until_at, decided_at } = registration;
  if (status === 'pending') return 'from approval';
  if (!protected_until_at) return nothing;
  const left = daysLeft(registration);
  if (left <= 0) return html`<span class="nothing">ended ${dayText(protected_until_at, release().time_zone)}</span>`;
  if (status !== 'approved') return nothing;
  const whole = decided_at ? (Date.parse(protected_until_at) - Date.parse(decided_at)) / 86_400_000 : left;
  const share = Math.min(100, (left / Math.max(1, whole)) * 100);
  return html`<span class=${`protection ${left <= 14 ? 'warning' : ''}`}><i aria-hidden="true" style=${`--left:${share}%`}></i>${integerText(left)} days left</span>`;
}

/** One deal of the partner and what it earned: each movement opens its own records. */
export async function ownDealPage(deal_id: string): Promise<Node> {
  const search = new URLSearchParams({ deal_id, limit: '500' });
  const [deals, { items }] = await Promise.all([
    ask<List<OwnDealRow>>(`/v1/me/deals?${search}`),
    ask<List<OwnEntryRow>>(`/v1/me/commissions/entries?${search}`),
  ]);
  const [deal] = deals.items;
  const currencies = new Set(items.map(({ currency }) => currency));
  if (!deal && items.length === 0)
    return emptyState(
      html`There is no deal <code>${deal_id}</code> among yours: a deal is here once you sourced or influenced it. <a href="/partner/">All your deals</a>`,
    );
  const name = deal?.name ?? items.find((entry) => entry.deal_name)?.deal_name;
  titleTab(name ?? deal_id);
  return html`<section><p class="deal-head"><strong>${name ?? deal_id}</strong> ${deal ? factsOf(deal) : ''} <code>${deal_id}</code></p>
    ${deal ? html`<div class="figures" style="--count:3">${figuresOf(deal)}</div>` : ''}
    <h2>What it earned us</h2>${table({
      caption: 'Commission of this deal',
      rows: items,
      rowId: ({ entry_id }) => entry_id,
      empty: nothingEarned(deal),
      columns: [
        {
          label: 'Date',
          value: ({ effective_date }) =>
            html`<span class="nowrap">${dayText(effective_date, release().time_zone)}</span>`,
        },
        { label: 'What', value: ({ entry_type }) => sentence(entry_type) },
        { label: 'Plan', isWide: true, value: ({ plan }) => plan ?? nothing },
        {
          label: 'Invoice',
          isWide: true,
          value: ({ invoice_id }) => html`<code>${invoice_id ? nativeId(invoice_id) : nothing}</code>`,
        },
        {
          label: 'Amount',
          align: 'right',
          value: (row) => amountWithCurrency(row.amount, row.explain_id),
          ...(currencies.size === 1 ? { total: amountWithCurrency(sum(items.map(({ amount }) => amount))) } : {}),
        },
      ],
    })}</section>`;
}

const unearned: Readonly<Record<string, string>> = {
  partner_ended: 'the partnership had ended when it was won.',
  no_agreement:
    'no agreement was in force when it was won. If there should have been one, ask your partner manager to deliver it.',
  self_referral: 'the buyer and you share a domain, and a referral of one’s own earns nothing.',
  reseller_margin: 'you resell it, and your discount is your margin.',
  plan_does_not_earn_on_this: 'your plan does not pay for your part in it.',
};

/** Why a deal has no commission, or what it waits for. */
function nothingEarned(deal: OwnDealRow | undefined): string {
  const reason = deal?.unearned_reason;
  if (reason)
    return `No commission on this deal: ${unearned[reason] ?? 'your plan gives nothing for it. Ask your partner manager why.'}`;
  if (deal?.role === 'influenced')
    return 'No commission on this deal: you influenced it, and your plan has not paid for that.';
  return 'No commission yet on this deal: it is earned when the customer pays; a payment in another currency waits until its rate is known.';
}

function factsOf({ name, account_name, kind, created_at, closed_at, state }: OwnDealRow): string {
  const { time_zone } = release();
  const ended = state === 'open' ? 'open' : `${state} ${dayText(closed_at, time_zone)}`;
  const account = account_name && !name?.includes(account_name) ? account_name : '';
  return [account, kind, `created ${dayText(created_at, time_zone)}, ${ended}`].filter(Boolean).join(' · ');
}

function figuresOf({ amount, paid, role, rule, stage, state }: OwnDealRow): Node[] {
  return [
    html`<div><h2>Amount</h2>${large(amount)}<p>${sentence(stage ?? state)}</p></div>`,
    html`<div><h2>Paid by the customer so far</h2>${large(paid)}<p>net of tax and refunds</p></div>`,
    html`<div><h2>Our part</h2><span class="large named">${sentence(role)}</span><p>${rule ? `by ${words(rule)}` : 'another partner or nobody sourced it'}</p></div>`,
  ];
}

function large(money: Money): Node {
  return html`<span class="large"><small>${money.currency}</small>${digits(money)}</span>`;
}
