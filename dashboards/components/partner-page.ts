// The partner's own page: who it is, what it brought, where it stands, and what to do next. All of it is asked of /v1/me.
import { html } from 'htl';
import type { List, MeAnswer, OwnDealRow, OwnRegistrationRow, StatementRow } from './answers.js';
import { withDates } from './dates.js';
import { amountWithCurrency } from './figure.js';
import { integerText, monthText, motionText } from './format.js';
import { geometry } from './money.js';
import { release } from './release.js';
import { sparkline } from './spark.js';
import { statementHref, stateTag } from './statement-words.js';
import { table } from './table.js';

export function partnerHead({ partner, company, months, rank }: MeAnswer): Node {
  const standing = rank
    ? html`<span>Rank <b>${rank.position}</b> of ${rank.cohort_size} ${motionText(rank.motion)} partners by paid revenue, ${monthText(rank.from)} to ${monthText(rank.to)}</span>`
    : '';
  const trend =
    months.length > 1
      ? html`<span>${sparkline(
          months.map(({ sourced }) => geometry(sourced)),
          { width: 120, height: 20 },
        )} paid revenue we sourced, ${months.length} months</span>`
      : '';
  return html`<p class="deal-head apart"><span><strong>${partner.name}</strong>${motionText(partner.motion)} partner of ${company}${partner.tier ? `, ${partner.tier}` : ''}</span>${trend}${standing}</p>`;
}

export interface NextStepsOptions {
  readonly deals: List<OwnDealRow>;
  readonly registrations: List<OwnRegistrationRow>;
  readonly statements: List<StatementRow>;
}

/** What the partner should do next, most urgent first. */
export function nextSteps({ deals, registrations, statements }: NextStepsOptions): Node {
  const now = Date.parse(release().as_of);
  const ending = registrations.items.filter(({ status, protected_until_at, deal_id }) => {
    const left = protected_until_at ? Date.parse(protected_until_at) - now : -1;
    return status === 'approved' && !deal_id && left > 0 && left < 30 * 86_400_000;
  });
  const toAccept = statements.items.filter(awaitsAnswer);
  const old = deals.items.filter(({ state, age_days }) => state === 'open' && (age_days ?? 0) > 90);
  const pending = registrations.items.filter(({ status }) => status === 'pending');
  const first = html`<li>Register your first deal with your partner manager: approved, it is protected for you.</li>`;
  const lines = [
    deals.items.length || registrations.items.length ? null : first,
    ...(toAccept.length <= NAMED
      ? toAccept.map(answerLine)
      : [line(toAccept.length, '', 'statements to accept or dispute', '#statements')]),
    line(
      ending.length,
      'protection ends within 30 days, with no deal yet',
      'protections end within 30 days, with no deal yet',
      '#registrations',
    ),
    line(old.length, 'deal open for more than 90 days', 'deals open for more than 90 days', '#deals'),
    line(pending.length, 'registration waits for a decision', 'registrations wait for a decision', '#registrations'),
  ].filter((entry) => entry !== null);
  return html`<section><h2>What to do next</h2><ul class="sentences">${lines.length ? lines : html`<li>Nothing waits for you.</li>`}</ul></section>`;
}

/** So many statements are named each. */
const NAMED = 3;

function answerLine({ statement_id, month, total }: StatementRow): Node {
  return html`<li><a href=${statementHref(statement_id)}>Accept or dispute the statement of ${monthText(month)}</a><span>${amountWithCurrency(total, statement_id)}</span></li>`;
}

/** A statement of a month that is over, not paid, with lines that the partner neither accepted nor disputed. */
export function awaitsAnswer({ next_step, line_count, accepted_count, disputed_count }: StatementRow): boolean {
  const isOpen = next_step !== 'collect' && next_step !== 'none';
  return isOpen && (accepted_count ?? 0) + (disputed_count ?? 0) < (line_count ?? 0);
}

function line(count: number, one: string, many: string, href: string): Node | null {
  return count === 0 ? null : html`<li><a href=${href}>${integerText(count)} ${count === 1 ? one : many}</a></li>`;
}

export function ownStatements(statements: readonly StatementRow[]): HTMLElement {
  return table({
    caption: 'Our statements',
    rows: statements,
    first: 6,
    rowId: ({ statement_id }) => statement_id,
    empty: 'No statement yet. The first comes when commission is released.',
    columns: [
      {
        label: 'Month',
        value: ({ month, statement_id }) => html`<a href=${statementHref(statement_id)}>${monthText(month)}</a>`,
      },
      {
        label: 'State',
        value: (row) =>
          row.next_step === 'none'
            ? html.fragment`${stateTag('settled')}<span class="deal-name wrap">${row.next_action.replace(/^settled ?/, '')}</span>`
            : html.fragment`${stateTag(row.state)}<span class="deal-name wrap">${withDates(row.next_action)}</span>`,
      },
      { label: 'Total', align: 'right', value: (row) => amountWithCurrency(row.total, row.statement_id) },
    ],
  });
}
