// What a controller has to see to: records with money at stake and what to do about each, and won deals on which a partner earns
// nothing, with the reason; and what resellers keep instead.
import { html } from 'htl';
import type { ExceptionRow, List, UnearnedRow } from './answers.js';
import { ask } from './api.js';
import { ageOf, recordHref } from './exception-words.js';
import { amountWithCurrency, explainHref } from './figure.js';
import { capitalised, integerText, nothing, sentence, words } from './format.js';
import { marginSection } from './margin-table.js';
import { type Order, sortable } from './sortable.js';
import { table } from './table.js';

/** Exceptions that hold up or move commission or the money behind it. */
const kinds: Readonly<Record<string, string>> = {
  commission_rate_missing: 'Commission waits for a rate',
  sourcing_change: 'Evidence contradicts who is paid',
  payout_excess: 'Paid above what was payable',
  payout_unmatched: 'Payout that matches no statement',
  over_payment: 'Received too much',
  unapplied_payment: 'Payment not applied',
  unlinked_money: 'Money without a deal',
};

const reasons: Readonly<Record<string, string>> = {
  partner_ended: 'The partner had ended before the close: it earns nothing. An approved override pays it all the same.',
  no_agreement: 'No agreement was in force on the close and its motion has no plan: deliver one in partner_agreements.',
  self_referral: 'Partner and buyer share a domain: a self-referral never earns.',
  reseller_margin: 'A reseller earns by its discount: that is margin, never commission.',
  plan_does_not_earn_on_this: 'Its plan does not pay for this role.',
  unknown_plan: 'Its agreement names a plan that sourced.yaml does not have: add the plan, or correct the agreement.',
  no_plan_version: 'No version of its plan was in force on the close: add one that starts earlier.',
  sourcing_locked: 'Another partner has been paid for the deal: an approved override moves the pay.',
  influence_locked:
    'It has been paid for its influence: an approved override pays it as the one that sourced the deal.',
  pool_locked: 'The pool was divided and paid before it joined.',
};

const LIMIT = 1000;

type By = 'at_stake' | 'age';

export async function workList(): Promise<Node> {
  const [exceptions, unearned, margins] = await Promise.all([
    sortable<By>('at_stake', exceptionTable),
    ask<List<UnearnedRow>>(`/v1/commissions/unearned?limit=${LIMIT}`),
    marginSection(),
  ]);
  return html`<div>
    <section id="work"><h2>What needs somebody</h2><p class="subtitle">by money at stake or by age; each leaves the list with the run after it was mended</p>${exceptions}</section>
    <div class="gap">${unearnedSection(unearned.items)}</div>
    <div class="gap">${margins}</div></div>`;
}

async function exceptionTable(order: Order<By>): Promise<Node> {
  const path = `/v1/exceptions?kind=${Object.keys(kinds).join()}&sort=${order.by}`;
  const { items, next_cursor } = await ask<List<ExceptionRow>>(`${path}&limit=${LIMIT}`);
  const rest = next_cursor
    ? html`<p class="proof">The first ${integerText(items.length)}; <a href=${`${path}&format=csv&limit=10000`} download="work-list.csv">all as CSV</a>.</p>`
    : '';
  return html`<div>${table({
    caption: 'Records that need somebody, with the money at stake and their age',
    rows: items,
    order,
    first: 40,
    rowId: ({ kind, record_id, currency }) => [kind, record_id, currency].join('/'),
    empty: 'Nothing needs you: every payment, payout and rate is in its place.',
    columns: [
      {
        label: 'What',
        value: ({ kind, record_id, stream }) =>
          html.fragment`${kinds[kind]}<span class="aside"><code>${record_id}</code> ${words(stream)}</span>`,
      },
      {
        label: 'What happened',
        isWide: true,
        value: ({ detail, reason }) => html`<span class="wrap">${capitalised(detail ?? words(reason))}</span>`,
      },
      {
        label: 'What to do',
        value: ({ detail, reason, next_action }) =>
          html`<span class="wrap"><span class="narrow">${capitalised(detail ?? words(reason))}.</span>${capitalised(next_action ?? nothing)}</span>`,
      },
      { label: 'Age', sortsBy: 'age', align: 'right', value: ({ age_days, since_at }) => ageOf(age_days, since_at) },
      {
        label: 'At stake',
        sortsBy: 'at_stake',
        align: 'right',
        value: (row) => (row.amount ? html`<a href=${recordHref(row)}>${amountWithCurrency(row.amount)}</a>` : nothing),
      },
    ],
  })}${rest}</div>`;
}

function unearnedSection(rows: readonly UnearnedRow[]): Node {
  return html`<section id="unearned"><h2>Won deals that earn nothing</h2><p class="subtitle">per partner that sourced or influenced them, with the reason</p>${table(
    {
      caption: 'Partners of won deals that earn nothing',
      rows,
      first: 20,
      rowId: ({ deal_id, partner_id, role }) => [deal_id, partner_id, role].join('/'),
      empty: 'Every partner of a won deal earns on it.',
      columns: [
        {
          label: 'Deal',
          value: ({ deal_id, deal_name, explain_id }) =>
            html`<a href=${explainHref(explain_id)}>${deal_name ?? deal_id}</a>`,
        },
        {
          label: 'Partner',
          value: ({ partner_name, partner_id, role }) =>
            html.fragment`${partner_name ?? partner_id}<span class="aside">${role}</span>`,
        },
        { label: 'Why', value: ({ reason }) => html`<span class="wrap">${reasons[reason] ?? sentence(reason)}</span>` },
      ],
    },
  )}</section>`;
}
