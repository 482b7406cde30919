// One statement: its lines in words of the plan, what people decided about it, and deciding; the same for finance and for the
// partner it belongs to. On paper it is a statement.
import { html } from 'htl';
import type { DecisionRow, List, StatementAnswer, StatementLineRow, StatementRow } from './answers.js';
import { ApiProblem, ask, askAll } from './api.js';
import { withDates } from './dates.js';
import { dealHref } from './deal-list.js';
import { decide } from './decide.js';
import { decisionTable } from './decision-table.js';
import { amount } from './figure.js';
import { dayText, instantText, integerText, monthText, nativeId, nothing } from './format.js';
import { minor } from './money.js';
import { context, release, titleTab } from './release.js';
import { isBarred, stateTag, whoAmI } from './statement-words.js';
import { emptyState, table } from './table.js';

export type Action = 'approve' | 'dispute' | 'resolve' | 'accept';

export interface StatementPageOptions {
  readonly id: string;
  /** Of the API: the company's or the partner's own. */
  readonly base: string;
  readonly isOwn: boolean;
}

const LINES_MAX = 10_000;

export async function statementPage(options: StatementPageOptions): Promise<Node> {
  const path = `${options.base}/${encodeURIComponent(options.id)}`;
  const place = html`<div class="sheet"></div>`;
  const render = async (news?: string) => {
    const [answer, decisions, me] = await Promise.all([
      ask<StatementAnswer>(`${path}?limit=${LINES_MAX}`),
      askAll<DecisionRow>(`${path}/decisions?limit=500`, 2000),
      whoAmI(),
    ]);
    const lines = linesSection(answer);
    place.replaceChildren(
      head(answer.statement),
      actionBar({ path, options, answer, me, lines, render, news }),
      lines,
      trail(decisions),
    );
    if (news) place.querySelector<HTMLElement>('.said')?.focus();
  };
  await render();
  return place;
}

/** Where the page was opened without one. */
export function chooseStatement(): Node {
  const list = context().audience === 'partner' ? '/partner/#statements' : '/finance/statements';
  return emptyState(html`No statement is chosen: open one from <a href=${list}>the list of statements</a>.`);
}

function head(statement: StatementRow): Node {
  const { partner_name, partner_id, month, currency, state, state_detail, held_until, next_action } = statement;
  const { company, as_of, time_zone, release_id } = release();
  titleTab(`Statement of ${monthText(month)}, ${partner_name ?? partner_id}`);
  return html.fragment`
    <p class="paper">${company}: commission statement <code>${statement.statement_id}</code>, as of ${instantText(as_of, time_zone)}, release <code>${release_id.slice(0, 7)}</code></p>
    <p class="deal-head apart"><span><strong>${partner_name ?? partner_id}</strong>${monthText(month)}, ${currency}</span><span>${stateTag(state)} ${state_detail ?? ''}</span><span class="next">Next: ${withDates(next_action)}</span></p>
    <div class="figures">
      <div><h2>Total</h2><span class="large"><small>${currency}</small>${amount(statement.total, statement.explain_id)}</span><p>${statement.line_count === 1 ? 'one line' : `${integerText(statement.line_count)} lines`}</p></div>
      <div><h2>Payable now</h2><span class="large"><small>${currency}</small>${amount(statement.payable, statement.explain_id)}</span><p>approved, past its hold, not yet paid</p></div>
      <div><h2>Paid</h2><span class="large"><small>${currency}</small>${amount(statement.paid, statement.explain_id)}</span><p>${isSettled(statement) ? statement.next_action : 'by payouts that name it'}</p></div>
      <div><h2>Held until</h2><span class="large named">${dayText(held_until, time_zone)}</span><p>when the last hold of its lines ends</p></div>
    </div>`;
}

/** Nothing of it is owed, though no payout names it. */
function isSettled({ next_step, paid, total }: StatementRow): boolean {
  return next_step === 'none' && minor(paid) < minor(total);
}

function linesSection({ items, statement }: StatementAnswer): HTMLElement {
  const { time_zone } = release();
  const isPaid = statement.state === 'paid';
  const total = items.reduce((sum, line) => sum + minor(line.amount), 0n);
  const foots = total === minor(statement.total);
  const body = table<StatementLineRow>({
    caption: `Lines of the statement, ${monthText(statement.month)}`,
    rows: items,
    rowId: ({ line_id }) => line_id,
    empty: 'This statement has no lines.',
    columns: [
      {
        label: 'Deal',
        value: (line) =>
          html`<span class="line">${isPaid ? '' : html`<input type="checkbox" class="pick" value=${line.line_id} aria-label=${`Select line ${line.position ?? line.line_id}`}>`}<span class="wrap">${dealOf(line)}<span class="narrow soft">${forWhat(line)}</span></span></span>`,
      },
      { label: 'For', isWide: true, value: (line) => html`<span class="wrap">${forWhat(line)}</span>` },
      {
        label: 'Took effect',
        isWide: true,
        value: ({ effective_date }) => html`<span class="nowrap">${dayText(effective_date, time_zone)}</span>`,
      },
      {
        label: 'Held until',
        isWide: true,
        value: ({ held_until }) => html`<span class="nowrap">${dayText(held_until, time_zone)}</span>`,
      },
      {
        label: 'State',
        value: ({ state, is_accepted }) =>
          html.fragment`${stateTag(state)}<span class="aside">${is_accepted ? 'accepted' : ''}</span>`,
      },
      {
        label: `Amount, ${statement.currency}`,
        align: 'right',
        value: (row) => amount(row.amount, row.explain_id),
        total: amount(statement.total, statement.explain_id),
      },
    ],
  });
  return html`<section id="lines"><div class="chart-head"><div><h2>Lines</h2><p class="subtitle">each in words of the plan; an amount opens its entry, rule and records${fingerprint(statement)}</p></div><p class=${`proof ${foots ? 'holds' : 'fails'}`}>${foots ? 'lines add up to the total' : 'lines do not add up to the total'}</p></div>${body}</section>`;
}

function dealOf({ deal_id, deal_name }: StatementLineRow): Node | string {
  return deal_id ? html`<a href=${dealHref(deal_id)}>${deal_name ?? nativeId(deal_id)}</a>` : nothing;
}

function forWhat({ description, entry_type, line_id }: StatementLineRow): string {
  return withDates(description ?? entry_type ?? line_id);
}

/** What an approval or an acceptance binds: exactly these lines. */
function fingerprint({ digest }: StatementRow): Node | string {
  return digest ? html`; their fingerprint is <code title=${digest}>${digest.slice(0, 12)}</code>` : '';
}

interface ActionBarOptions {
  readonly path: string;
  readonly options: StatementPageOptions;
  readonly answer: StatementAnswer;
  readonly me: string;
  readonly lines: HTMLElement;
  readonly render: (news?: string) => Promise<void>;
  readonly news: string | undefined;
}

/**
 * What may be done in this state, the reason, and what came of it. Without a ticked line a decision is about the whole; an approval
 * is never about anything else.
 */
function actionBar({ path, options, answer, me, lines, render, news }: ActionBarOptions): Node {
  const { statement } = answer;
  const said = html`<p class="said" role="status" tabindex="-1">${news ?? ''}</p>`;
  const reason =
    html`<input id="reason" name="reason" maxlength="2000" autocomplete="off" placeholder="Why">` as HTMLInputElement;
  const ticked = () =>
    [...lines.querySelectorAll<HTMLInputElement>('input.pick')].flatMap(({ checked, value }) =>
      checked ? [value] : [],
    );
  const whole = 'about the whole statement; tick lines for some of it';
  const about = html`<span class="about">${whole}</span>`;
  lines.addEventListener('change', () => {
    const count = ticked().length;
    about.textContent = count ? `about ${count} of ${answer.items.length} lines` : whole;
    for (const button of buttons) button.disabled = count > 0 && button.dataset.action === 'approve';
  });
  const barred = isBarred(statement, me) ? statement.next_step : '';
  const choices = allowed(statement, options).filter(({ action }) => action !== barred);
  const buttons = choices.map(({ action, label, isMain, takesLines }) => {
    const button =
      html`<button type="button" class=${isMain ? 'action' : 'choice'} data-action=${action}>${label}</button>` as HTMLButtonElement;
    button.addEventListener('click', async () => {
      const text = reason.value.trim();
      if (!text && action !== 'approve' && action !== 'accept') {
        said.replaceChildren(html`<span class="refused">Say why: the reason is kept with the decision.</span>`);
        reason.focus();
        return;
      }
      const chosen = takesLines ? ticked() : [];
      const body = {
        ...(text ? { reason: text } : {}),
        ...(action === 'approve' || action === 'accept' ? { digest: statement.digest } : {}),
        ...(chosen.length ? { line_ids: chosen } : {}),
      };
      await take(button, said, async () => render(`Recorded. ${(await decide(`${path}/${action}`, body)).next}`));
    });
    return button;
  });
  const saves = html`<span class="saves"><a class="choice" href=${`${path}?format=csv&limit=${LINES_MAX}`} download>Save as CSV</a> ${printButton()}</span>`;
  if (buttons.length === 0) return html`<div class="actions decide">${said}${saves}</div>`;
  return html`<div class="actions decide"><label class="only-read" for="reason">Reason</label>${reason}${buttons}${about}${saves}${said}</div>`;
}

interface Choice {
  readonly action: Action;
  readonly label: string;
  readonly isMain: boolean;
  readonly takesLines: boolean;
}

/** What the state allows; the server decides anyway, by who asks. */
function allowed(statement: StatementRow, { isOwn }: StatementPageOptions): Choice[] {
  const { state, line_count, approved_count, accepted_count, disputed_count } = statement;
  const lines = line_count ?? 0;
  const disputed = disputed_count ?? 0;
  if (state === 'paid') return [];
  const dispute: Choice = { action: 'dispute', label: 'Dispute', isMain: false, takesLines: true };
  const canDispute = disputed < lines ? [dispute] : [];
  if (isOwn)
    return (accepted_count ?? 0) + disputed < lines
      ? [{ action: 'accept', label: 'Accept', isMain: true, takesLines: true }, ...canDispute]
      : canDispute;
  return [
    ...((approved_count ?? 0) + disputed < lines
      ? [{ action: 'approve', label: 'Approve', isMain: disputed === 0, takesLines: false } as const]
      : []),
    ...(disputed > 0 ? [{ action: 'resolve', label: 'Resolve', isMain: true, takesLines: true } as const] : []),
    ...canDispute,
  ];
}

async function take(button: HTMLButtonElement, said: HTMLElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  said.textContent = 'Recording';
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    button.disabled = false;
    const reload = error.code === 'statement_changed' ? html` <a href=${location.href}>Read it again</a>` : '';
    said.replaceChildren(html`<span class="refused" role="alert">${error.message}${reload}</span>`);
  }
}

function printButton(): Node {
  const button = html`<button type="button" class="choice">Print</button>`;
  button.addEventListener('click', () => window.print());
  return button;
}

function trail({ items }: List<DecisionRow>): Node {
  return html`<section class="gap" id="decisions"><h2>Decisions</h2><p class="subtitle">who, when, what and why; written once and never changed.</p>${decisionTable(items, { withSubject: false })}</section>`;
}
