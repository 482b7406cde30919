// Statements of a month, or all that wait for a step, with who acts next; several are approved at once.
import { html } from 'htl';
import type { List, StatementRow, StatementsAnswer } from './answers.js';
import { ask } from './api.js';
import { withDates } from './dates.js';
import { decide } from './decide.js';
import { amount, amountWithCurrency } from './figure.js';
import { countText, groupDigits, integerText, type Money, monthText } from './format.js';
import { minor, sum } from './money.js';
import { orProblem } from './problem.js';
import { hrefWith, type Query } from './query.js';
import { isBarred, isOurs, statementHref, stateTag, whoAmI } from './statement-words.js';
import { emptyState, table } from './table.js';

const LIMIT = 500;

const steps = [
  { name: 'approve', label: 'To approve', note: 'their month is over', pick: 'total' },
  { name: 'resolve', label: 'In dispute', note: 'nothing of it is paid until resolved', pick: 'total' },
  { name: 'pay', label: 'To pay', note: 'sourced export payouts', pick: 'payable' },
  { name: 'post', label: 'Decided since this release', note: 'the next run posts it', pick: 'total' },
] as const;

/** The page: what waits over all months, then the list; asked live, so that every decision shows at once. */
export async function statementsPage(query: Query): Promise<Node> {
  const place = html`<div></div>`;
  const render = async (news = '') => {
    const [answer, me] = await Promise.all([ask<StatementsAnswer>(pathOf(query)), whoAmI()]);
    place.replaceChildren(stepFigures(answer, query), said(news), listOf(answer, query, me, render));
    if (news) place.querySelector<HTMLElement>('.said')?.focus();
  };
  await render();
  return place;
}

/** What came of the decisions that were taken here. */
function said(news: string): Node {
  return html`<p class="said" role="status" tabindex="-1">${news}</p>`;
}

function pathOf({ month = '', next = '' }: Query): string {
  const search = new URLSearchParams(next ? { next_step: next } : { month });
  return `/v1/commissions/statements?${search}&limit=${LIMIT}`;
}

function stepFigures({ steps: counts }: StatementsAnswer, { next = '' }: Query): Node {
  const tiles = steps.map(({ name, label, note, pick }) => {
    const rows = counts.filter(({ next_step }) => next_step === name);
    const count = rows.reduce((total, { statement_count }) => total + statement_count, 0);
    const sums = rows.map((row) => html`<span class="step-sum">${inCurrency(row[pick], name)}</span>`);
    return html`<div><h2>${label}</h2><a class="large" href=${hrefWith({ next: next === name ? undefined : name })} aria-current=${next === name ? 'true' : null}>${integerText(count)}</a><p>${count ? sums : note}</p></div>`;
  });
  return html`<div class="figures">${tiles}</div>`;
}

/** An amount over several statements; the list below it is its explanation. */
function inCurrency(money: Money, step: string): Node {
  return html`<a href=${hrefWith({ next: step })}>${amountWithCurrency(money)}</a>`;
}

function listOf(
  { items, next_cursor }: List<StatementRow>,
  query: Query,
  me: string,
  render: (news: string) => Promise<void>,
): Node {
  const { month = '', next = '' } = query;
  const step = steps.find(({ name }) => name === next);
  const title = step ? `${step.label}, all months` : `Statements of ${monthText(month)}`;
  const back = next ? html`; <a href=${hrefWith({ next: undefined })}>those of ${monthText(month)} only</a>` : '';
  const approvable = items.filter((row) => row.next_step === 'approve' && !isBarred(row, me));
  const place = html`<div id="statements">${statementTable(items, {
    title,
    withMonth: next !== '',
    approvable,
    empty: step
      ? `Nothing waits here: ${step.label.toLowerCase()} is empty.`
      : `No statement of ${monthText(month)} yet. A statement is made with the first commission that a partner earns in a month.`,
  })}</div>`;
  const bulk = approvable.length > 0 ? approveSelected(place, approvable, render) : '';
  const more = next_cursor
    ? html`<p class="proof">The first ${LIMIT}. The API and <code>sourced statement list</code> have the rest.</p>`
    : '';
  const csv = html`<a class="choice" href=${`${pathOf(query).replace(`limit=${LIMIT}`, 'limit=10000')}&format=csv`} download="statements.csv">Save as CSV</a>`;
  return html`<section><div class="chart-head"><div><h2>${title}</h2><p class="subtitle">one per partner, month and currency; a statement opens with its lines${back}</p></div></div><div class=${bulk ? 'actions decide' : 'actions'}>${bulk}${csv}</div>${place}${more}</section>`;
}

interface ListOptions {
  readonly title: string;
  readonly withMonth: boolean;
  /** Those that the reader may approve. */
  readonly approvable: readonly StatementRow[];
  readonly empty: string;
}

function statementTable(
  rows: readonly StatementRow[],
  { title, withMonth, approvable, empty }: ListOptions,
): HTMLElement {
  if (rows.length === 0) return emptyState(empty);
  return table({
    caption: title,
    rows,
    rowId: ({ statement_id }) => statement_id,
    empty,
    columns: [
      {
        label: 'Partner',
        value: (row) =>
          html`<span class="line">${approvable.length ? selectBox(row, approvable.includes(row)) : ''}<span><a href=${statementHref(row.statement_id)}>${row.partner_name ?? row.partner_id}</a><span class="aside">${withMonth ? monthText(row.month) : ''}</span>${isOurs(row) ? html`<span class="narrow soft">${withDates(row.next_action)}</span>` : ''}</span></span>`,
      },
      {
        label: 'State',
        value: ({ state, state_detail }) =>
          html.fragment`${stateTag(state)}<span class="aside">${state_detail ?? ''}</span>`,
      },
      { label: 'Lines', align: 'right', isWide: true, value: ({ line_count }) => integerText(line_count) },
      { label: 'Total', align: 'right', value: (row) => amountWithCurrency(row.total, row.statement_id) },
      {
        label: 'Payable now',
        align: 'right',
        isWide: true,
        value: ({ payable, statement_id }) =>
          minor(payable) === 0n ? amount(payable, statement_id) : amountWithCurrency(payable, statement_id),
      },
      {
        label: 'Next',
        isWide: true,
        value: (row) =>
          html`<span class=${`wrap ${isOurs(row) ? 'ours' : 'theirs'}`}>${withDates(row.next_action)}</span>`,
      },
    ],
  });
}

function selectBox({ statement_id, partner_name, partner_id }: StatementRow, isApprovable: boolean): Node {
  if (!isApprovable) return html`<span class="no-pick"></span>`;
  return html`<input type="checkbox" class="pick" value=${statement_id} aria-label=${`Select the statement of ${partner_name ?? partner_id}`}>`;
}

/** A button that approves what is ticked, each with the digest that is shown; it says what it will do before it does it. */
function approveSelected(
  place: HTMLElement,
  rows: readonly StatementRow[],
  render: (news: string) => Promise<void>,
): Node {
  const progress = html`<span class="said" role="status"></span>`;
  const all = html`<button type="button" class="choice">Select all ${integerText(rows.length)}</button>`;
  const button = html`<button type="button" class="action" disabled>Approve selected</button>` as HTMLButtonElement;
  const boxes = () => [...place.querySelectorAll<HTMLInputElement>('input.pick')];
  const chosen = () => {
    const ticked = new Set(boxes().flatMap(({ checked, value }) => (checked ? [value] : [])));
    return rows.filter(({ statement_id }) => ticked.has(statement_id));
  };
  const announce = () => {
    const picked = chosen();
    button.disabled = picked.length === 0;
    button.textContent = picked.length ? `Approve ${picked.length}: ${totalsText(picked)}` : 'Approve selected';
  };
  place.addEventListener('change', announce);
  all.addEventListener('click', () => {
    const isAll = boxes().every(({ checked }) => checked);
    for (const box of boxes()) box.checked = !isAll;
    announce();
  });
  button.addEventListener('click', async () => {
    button.disabled = true;
    const refusals: Node[] = [];
    const picked = chosen();
    for (const { statement_id, digest, partner_name, partner_id } of picked) {
      progress.textContent = `Approving ${partner_name ?? partner_id}`;
      const outcome = await orProblem(async () => {
        await decide(`/v1/commissions/statements/${encodeURIComponent(statement_id)}/approve`, { digest });
        return html``;
      });
      if (outcome instanceof HTMLElement && outcome.getAttribute('role') === 'alert') {
        outcome.prepend(`${partner_name ?? partner_id}: `);
        refusals.push(outcome);
      }
    }
    if (refusals.length) progress.replaceChildren(...refusals);
    else
      await render(`Approved ${countText(picked.length, 'statement')}: ${totalsText(picked)}. The next run posts it.`);
  });
  return html.fragment`${all}${button}${progress}`;
}

function totalsText(rows: readonly StatementRow[]): string {
  return [...Map.groupBy(rows, ({ currency }) => currency)]
    .map(([currency, group]) => `${currency} ${amountText(sum(group.map(({ total }) => total)))}`)
    .join(', ');
}

function amountText(total: Money | undefined): string {
  const { whole, decimals } = groupDigits(total?.amount ?? '0');
  return whole + decimals;
}
