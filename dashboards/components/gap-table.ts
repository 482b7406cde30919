// Where attribution breaks: a work list with the money at stake, its age and the next action. A line opens to its records.
import { html } from 'htl';
import type { DealRow, ExceptionRow, List, QualityAnswer } from './answers.js';
import { ask } from './api.js';
import { accountAside, dealHref } from './deal-list.js';
import { ageOf, recordHref } from './exception-words.js';
import { amount, explainHref } from './figure.js';
import { capitalised, countText, dayText, integerText, nothing, sentence, words } from './format.js';
import { minor } from './money.js';
import { openRow } from './open-row.js';
import { context, release } from './release.js';
import { type Order, sortable } from './sortable.js';
import { type Column, table } from './table.js';

type Gap = QualityAnswer['exceptions'][number];
type By = 'at_stake' | 'age';

const RECORDS = 100;

export function gapTable(gaps: readonly Gap[]): Promise<HTMLElement> {
  return sortable<By>('at_stake', (order) =>
    table({
      caption: 'Where attribution breaks',
      rows: gaps.toSorted((left, right) => (isBefore(left, right, order.by) ? -1 : 1)),
      order,
      rowId: ({ kind, reason }) => `${kind}/${reason ?? ''}`,
      empty: 'Nothing is open: all money is linked and every deal has touches.',
      columns: [
        {
          label: 'What',
          value: (gap) =>
            html.fragment`${openRow(sentence(gap.kind), () => records(gap))}<span class="aside">${gap.reason ? words(gap.reason) : ''}</span><span class="narrow wrap">${countText(gap.record_count, 'record')}: ${gap.next_action ?? ''}</span>`,
        },
        { label: 'Records', align: 'right', isWide: true, value: ({ record_count }) => integerText(record_count) },
        {
          label: `At stake, ${release().reporting_currency}`,
          sortsBy: 'at_stake',
          align: 'right',
          value: ({ at_stake }) => amount(at_stake),
        },
        {
          label: 'Oldest',
          sortsBy: 'age',
          align: 'right',
          value: ({ oldest_days, oldest_at }) => ageOf(oldest_days, oldest_at),
        },
        {
          label: 'Next action',
          isWide: true,
          value: ({ next_action }) => html`<span class="wrap">${next_action ?? nothing}</span>`,
        },
      ],
    }),
  );
}

function isBefore(left: Gap, right: Gap, by: By): boolean {
  if (by === 'age') return (left.oldest_days ?? -1) > (right.oldest_days ?? -1);
  return minor(left.at_stake) > minor(right.at_stake);
}

function records(gap: Gap): Promise<Node> {
  if (dealKinds.includes(gap.kind)) return dealTable(gap);
  return sortable<By>('at_stake', (order) => recordTable(gap, order));
}

async function recordTable({ kind, reason, record_count, next_action }: Gap, order: Order<By>): Promise<Node> {
  const search = new URLSearchParams({ kind, ...(reason && { reason }), sort: order.by, limit: String(RECORDS) });
  const { items, next_cursor } = await ask<List<ExceptionRow>>(`/v1/exceptions?${search}`);
  if (items.length === 0) return elsewhere(next_action);
  const first = order.by === 'age' ? 'The oldest' : 'Those with most at stake';
  const csv = html`<a href=${`/v1/exceptions?${search}&format=csv`.replace(`limit=${RECORDS}`, 'limit=10000')} download=${`${kind}.csv`}>all as CSV</a>`;
  const rest = next_cursor
    ? html`<p class="proof">${first}, ${integerText(items.length)} of ${integerText(record_count)}; ${csv}.</p>`
    : '';
  return html`<div>${table({
    caption: `${sentence(kind)}: its records`,
    rows: items,
    order,
    rowId: ({ record_id }) => record_id,
    empty: '',
    columns: recordColumns,
  })}${rest}</div>`;
}

const recordColumns: readonly Column<ExceptionRow>[] = [
  {
    label: 'Record',
    value: (row) =>
      html.fragment`<a href=${recordHref(row)}><code>${row.record_id}</code></a><span class="aside">${words(row.stream)}</span>`,
  },
  {
    label: 'In words',
    value: ({ detail, reason }) => html`<span class="wrap">${capitalised(detail ?? words(reason))}</span>`,
  },
  {
    label: 'At stake',
    sortsBy: 'at_stake',
    align: 'right',
    value: (row) => (row.at_stake ? html`<a href=${recordHref(row)}>${amount(row.at_stake)}</a>` : nothing),
  },
  { label: 'Age', sortsBy: 'age', align: 'right', value: ({ age_days, since_at }) => ageOf(age_days, since_at) },
];

/** Kinds whose records are deals. */
const dealKinds = ['contested_deal', 'deal_without_touches', 'deal_without_account', 'undated_deal'];

async function dealTable({ kind, record_count }: Gap): Promise<Node> {
  const { items, next_cursor } = await ask<List<DealRow>>(`/v1/deals?gap=${kind}&limit=${RECORDS}`);
  const csv = html`<a href=${`/v1/deals?gap=${kind}&format=csv&limit=10000`} download=${`${kind}.csv`}>all as CSV</a>`;
  const rest = next_cursor
    ? html`<p class="proof">Those with most at stake, ${integerText(items.length)} of ${integerText(record_count)}; ${csv}.</p>`
    : '';
  return html`<div>${table({
    caption: `${sentence(kind)}: the deals`,
    rows: items,
    first: 20,
    rowId: ({ deal_id }) => deal_id,
    empty: 'No deal of this kind is left.',
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, name, account_name }) =>
          html.fragment`<a href=${dealHref(deal_id)}>${name ?? deal_id}</a><span class="aside">${accountAside(name, account_name)}</span>`,
      },
      { label: 'State', value: ({ state }) => state },
      { label: 'Created', isWide: true, value: ({ created_at }) => dayText(created_at, release().time_zone) },
      { label: 'At stake', align: 'right', value: ({ revenue, explain_id }) => amount(revenue, explain_id) },
    ],
  })}${rest}</div>`;
}

/** Kinds that no list holds. */
function elsewhere(next_action: string | null): Node {
  const { month, basis, method } = context().defaults;
  const link = html`<a href=${explainHref(`party/unattributed//${month}/${basis}/${method}`)}>what nobody has credit for</a>`;
  return html`<p class="empty">Followed deal by deal: ${link}. ${next_action ? capitalised(next_action) : ''}</p>`;
}
