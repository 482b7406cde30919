// Where a figure comes from: one sentence, the rules, what it is the sum of, and the records as their sources sent them.
import { html } from 'htl';
import type { ExplainAnswer } from './answers.js';
import { ask } from './api.js';
import { withDates } from './dates.js';
import { dealHref } from './deal-list.js';
import { amount, amountWithCurrency, explainHref } from './figure.js';
import { capitalised, instantText, nothing, sentence, words } from './format.js';
import { context, release, titleTab } from './release.js';
import { statementHref } from './statement-words.js';
import { table } from './table.js';

/** More figures than fit in a row stand four by four. */
const COLUMNS = 5;

/** `kind` tells two things of one id apart. */
export async function explainPage(id: string, kind?: string): Promise<Node> {
  const search = kind ? `?kind=${encodeURIComponent(kind)}` : '';
  const answer = await ask<ExplainAnswer>(`/v1/explain/${encodeURIComponent(id)}${search}`);
  titleTab(capitalised(withDates(answer.title)));
  return html`<div class="explanation">
    <p class="deal-head"><strong>${capitalised(withDates(answer.title))}</strong> ${answer.id.startsWith(answer.kind) ? '' : words(answer.kind)} <code>${answer.id}</code></p>
    <p class="statement">${withDates(answer.statement)}</p>
    ${answer.figures.length ? html`<div class=${answer.figures.length > COLUMNS ? 'figures wraps' : 'figures'} style=${`--count:${answer.figures.length > COLUMNS ? 4 : answer.figures.length}`}>${answer.figures.map(figure)}</div>` : ''}
    <div class="columns even">
      <div>${parts(answer)}</div>
      <div>${facts(answer)}${rules(answer)}</div>
    </div>
    ${records(answer)}</div>`;
}

function figure({ label, amount: money }: ExplainAnswer['figures'][number]): Node {
  return html`<div><h2>${sentence(label)}</h2><span class="large"><small>${money.currency}</small>${amount(money)}</span></div>`;
}

function parts({ kind, parts: rows, parts_match }: ExplainAnswer): Node {
  const proof =
    parts_match === null
      ? ''
      : parts_match
        ? html`<p class="proof holds">the parts add up to the figure</p>`
        : html`<p class="proof fails">the parts do not add up to the figure</p>`;
  const hasAmounts = rows.some(({ amount }) => amount);
  const areAlike = new Set(rows.map((row) => row.kind)).size === 1;
  const title =
    kind === 'record'
      ? 'What stands on it'
      : hasAmounts || rows.length === 0
        ? 'What it is the sum of'
        : 'What it belongs to';
  return html`<section><h2>${title}</h2>${table({
    caption: title,
    rows,
    rowId: ({ id }) => id,
    first: 25,
    empty: kind === 'record' ? 'No figure stands on it.' : 'It has no parts: it stands on the records below.',
    columns: [
      {
        label: hasAmounts ? 'Part' : 'What',
        value: ({ id, label, kind, explain_id }) =>
          html.fragment`${linkTo(hrefOf({ id, kind, explain_id }), capitalised(withDates(label)))}<span class="aside">${areAlike || !hasAmounts ? '' : words(kind)}</span>`,
      },
      ...(kind === 'record' || !hasAmounts
        ? []
        : [
            {
              label: 'Amount',
              align: 'right' as const,
              value: (row: ExplainAnswer['parts'][number]) => amountWithCurrency(row.amount, row.explain_id),
            },
          ]),
    ],
  })}${proof}</section>`;
}

/** A statement and a partner's own deal have a page of their own. */
function hrefOf({ id, kind, explain_id }: Pick<ExplainAnswer['parts'][number], 'id' | 'kind' | 'explain_id'>): string {
  if (context().audience === 'partner' && kind === 'deal') return dealHref(id);
  if (context().audience === 'partner' && kind === 'statement') return statementHref(id);
  return explain_id ? explainHref(explain_id) : '';
}

function linkTo(href: string, text: string): Node | string {
  return href ? html`<a href=${href}>${text}</a>` : text;
}

function rules({ rules: applied }: ExplainAnswer): Node | string {
  if (applied.length === 0) return '';
  const items = applied.map(
    ({ name, text, source }) =>
      html`<li><span><b>${sentence(name)}</b> ${text}</span><span><code>${source}</code></span></li>`,
  );
  return html`<section class="rules"><h2>Rules that made it</h2><ul class="sentences">${items}</ul></section>`;
}

function facts({ facts: known }: ExplainAnswer): Node | string {
  if (known.length === 0) return '';
  return html`<section><h2>Facts</h2><dl class="facts">${known.map(({ label, value }) => html.fragment`<dt>${sentence(label)}</dt><dd>${withDates(value.includes(':') ? value : words(value))}</dd>`)}</dl></section>`;
}

function records({ records: all, record_count }: ExplainAnswer): Node | string {
  if (all.length === 0) return '';
  const { time_zone } = release();
  const items = all.map(({ record_key, role, version_hash, loaded_at, file, record, payload }) => {
    const name = html`<span>${role && role !== 'itself' ? sentence(role) : ''} <code>${record_key}</code> <span class="aside">${file ? `${file}, record ${record}, ` : ''}loaded ${instantText(loaded_at, time_zone)}, version ${version_hash.slice(0, 8)}</span></span>`;
    if (!payload) return html`<p class="record">${name}</p>`;
    return html`<details class="record" open=${all.length === 1}><summary>${name}</summary>
      <pre data-copy="none">${JSON.stringify(payload, opened, 2)}</pre></details>`;
  });
  const isShown = all.some(({ payload }) => payload);
  return html`<section class="gap"><h2>Records behind it</h2><p class="subtitle">${record_count > all.length ? `the first ${all.length} of ${record_count}, ` : ''}${isShown ? 'as the source sent them' : 'what they hold is shown to the company only'}</p>${items}</section>`;
}

/** JSON inside a field is shown as what it says, where not a character of it changes by that. */
function opened(_field: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    const inner: unknown = JSON.parse(value);
    return JSON.stringify(inner) === value ? inner : value;
  } catch {
    return value;
  }
}

/** What may be asked, by example. */
export function explainHelp(): string {
  return context().audience === 'partner'
    ? 'The id of a ledger entry, a statement or a statement line of yours.'
    : `The id of a deal, an invoice, a ledger entry or a statement; stream/id of a record; partner/month; or revenue/${release().months.at(-1) ?? nothing}/paid.`;
}
