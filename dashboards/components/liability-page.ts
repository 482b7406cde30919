// The liability of a month in the currency chosen: converted into one, each in its own, or one alone.
import { html } from 'htl';
import type { LiabilityList, StatementRow } from './answers.js';
import { askAll } from './api.js';
import { amount, amountWithCurrency, difference } from './figure.js';
import { integerText, type Money, monthOf, monthText, shiftMonth, shortMonth } from './format.js';
import { exponentOf, minor, sum, toMoney } from './money.js';
import { hrefWith, type Query } from './query.js';
import { release } from './release.js';
import { type Roll, rollOf, totalRoll } from './roll-forward.js';
import { stepWords } from './statement-words.js';
import { table } from './table.js';

export interface LiabilityView {
  readonly rows: readonly Roll[];
  readonly totals: readonly Roll[];
  readonly isReporting: boolean;
  readonly hasMore: boolean;
}

/** `currency`: empty for all converted, `native` for each in its own, else one code. */
export function liabilityView(
  { items, totals, reporting_totals, next_cursor }: LiabilityList,
  currency: string,
): LiabilityView {
  const isReporting = currency === '';
  const rows = items.flatMap((row) => rollOf(row, isReporting ? 'reporting' : 'native') ?? []);
  const lines = isReporting
    ? reporting_totals.map((total) => totalRoll(total, 'All partners'))
    : totals.map((total) => totalRoll(total as never, 'All partners'));
  return { rows, totals: lines, isReporting, hasMore: next_cursor !== null };
}

export function liabilityFigures(history: LiabilityList, month: string, currency: string): Node[] {
  const of = (when: string): Roll | undefined =>
    currency === '' || currency === 'native'
      ? history.reporting_totals.filter((row) => row.month === when).map((row) => totalRoll(row, ''))[0]
      : history.totals.filter((row) => row.month === when).map((row) => totalRoll(row as never, ''))[0];
  const [now, before] = [of(month), of(shiftMonth(month, -1))];
  const earlier = shortMonth(shiftMonth(month, -1));
  const { as_of, time_zone } = release();
  const running = monthOf(as_of, time_zone);
  const tile = (label: string, figure: Money | null | undefined, was: Money | null | undefined) =>
    html`<div><h2>${label}</h2><span class="large"><small>${figure?.currency ?? ''}</small>${amount(figure, `liability/${month}`)}</span><p>${difference(figure ?? undefined, was ?? undefined, earlier)}</p></div>`;
  return [
    tile(month < running ? 'Owed at month end' : 'Owed so far', now?.closing, before?.closing),
    tile(
      month < running ? 'Earned in the month' : 'Earned so far',
      now?.moved.get('accrued'),
      before?.moved.get('accrued'),
    ),
    tile('Taken back', positive(now?.moved.get('clawed_back')), positive(before?.moved.get('clawed_back'))),
    month === running
      ? expected(now?.contingent, month)
      : html`<div><h2>Expected, not yet earned</h2><span class="large">${amount(null)}</span><p>known for now only: <a href=${hrefWith({ month: running })}>${monthText(running)}</a></p></div>`,
  ];
}

/** What the converted figures are without. */
export function unconvertedNote({ unconverted }: LiabilityList, { month, currency }: Query): Node | string {
  const rows = unconverted.filter((row) => row.month === month);
  if (currency !== '' || rows.length === 0) return '';
  const amounts = rows.map(
    ({ amount, entry_count }) =>
      html`${entry_count === 1 ? 'one entry' : `${integerText(entry_count)} entries`}, <strong>${amountWithCurrency(amount)}</strong> net; `,
  );
  return html`<p class="proof" id="unconverted"><span class="warning">Without a rate of their day:</span> ${amounts}in no converted movement of this month, and in the closing only where its last day has a rate. Deliver the rates (fx_rates), or see <a href=${hrefWith({ currency: 'native' })}>each currency on its own</a>.</p>`;
}

/** Commission on invoices that are open at the business clock; there is no such figure for an earlier month. */
function expected(figure: Money | null | undefined, month: string): HTMLElement {
  return html`<div><h2>Expected, not yet earned</h2><span class="large"><small>${figure?.currency ?? ''}</small>${amount(figure, `liability/${month}`)}</span><p>on invoices that are not paid yet</p></div>`;
}

/** What was taken back as people say it, without the sign it has in the sum. */
function positive(amount: Money | undefined): Money | undefined {
  return amount && toMoney(-minor(amount), amount.currency, exponentOf(amount));
}

const STATEMENTS_MAX = 10_000;

/** What the statements of the month wait for, as people have decided by now: asked live. */
export async function statementsOf(month: string): Promise<HTMLElement> {
  const { items } = await askAll<StatementRow>(`/v1/commissions/statements?month=${month}&limit=1000`, STATEMENTS_MAX);
  const steps = Object.keys(stepWords);
  const groups = [...Map.groupBy(items, ({ next_step, currency }) => `${next_step}/${currency}`).values()].toSorted(
    ([left], [right]) => steps.indexOf(left!.next_step) - steps.indexOf(right!.next_step),
  );
  const href = `/finance/statements?month=${month}`;
  return html`<section><h2><a href=${href}>Statements</a></h2><p class="subtitle">one per partner, month and currency, by what happens next</p>${table(
    {
      caption: `Statements of ${monthText(month)}`,
      rows: groups,
      rowId: ([first]) => `${first!.next_step}/${first!.currency}`,
      empty: `No statement of ${monthText(month)} yet. A statement is made with the first commission that a partner earns in a month.`,
      columns: [
        { label: 'Next', value: ([first]) => html`<a href=${href}>${stepWords[first!.next_step]}</a>` },
        { label: 'Statements', align: 'right', value: (group) => integerText(group.length) },
        {
          label: 'Total',
          align: 'right',
          value: (group) => html`<a href=${href}>${amountWithCurrency(sum(group.map(({ total }) => total)))}</a>`,
        },
      ],
    },
  )}</section>`;
}
