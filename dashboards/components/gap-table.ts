// Where attribution breaks: a work list with the money at stake and the next action. A line opens to its records.
import { html } from 'htl';
import type { ExceptionRow, List, QualityAnswer } from './answers.js';
import { ask } from './api.js';
import { amount, explainHref } from './figure.js';
import { integerText, nothing, sentence, words } from './format.js';
import { minor } from './money.js';
import { openRow } from './open-row.js';
import { context, release } from './release.js';
import { table } from './table.js';

type Gap = QualityAnswer['exceptions'][number];

const RECORDS = 100;

export function gapTable(gaps: readonly Gap[]): HTMLElement {
  return table({
    caption: 'Where attribution breaks',
    rows: gaps.toSorted((left, right) => (minor(left.at_stake) > minor(right.at_stake) ? -1 : 1)),
    rowId: ({ kind, reason }) => `${kind}/${reason ?? ''}`,
    empty: 'Nothing is open: all money is linked and every deal has touches.',
    columns: [
      {
        label: 'What',
        value: (gap) =>
          html.fragment`${openRow(sentence(gap.kind), () => records(gap))}<span class="aside">${gap.reason ? words(gap.reason) : ''}</span><span class="narrow wrap">${gap.next_action ?? ''}</span>`,
      },
      { label: 'Records', align: 'right', value: ({ record_count }) => integerText(record_count) },
      { label: `At stake, ${release().reporting_currency}`, align: 'right', value: ({ at_stake }) => amount(at_stake) },
      {
        label: 'Next action',
        isWide: true,
        value: ({ next_action }) => html`<span class="wrap">${next_action ?? nothing}</span>`,
      },
    ],
  });
}

async function records({ kind, reason, record_count, next_action }: Gap): Promise<Node> {
  const { items } = await ask<List<ExceptionRow>>(`/v1/exceptions?kind=${encodeURIComponent(kind)}&limit=1000`);
  const rows = items.filter((row) => !reason || row.reason === reason).slice(0, RECORDS);
  if (rows.length === 0) return elsewhere(kind, next_action);
  const rest =
    record_count > rows.length
      ? html`<p class="proof">The ${rows.length} with most at stake of ${integerText(record_count)}.</p>`
      : '';
  return html`<div>${table({
    caption: `${sentence(kind)}: its records`,
    rows,
    rowId: ({ record_id }) => record_id,
    empty: '',
    columns: [
      {
        label: 'Record',
        value: ({ record_id, stream }) =>
          html.fragment`<code>${record_id}</code><span class="aside">${words(stream)}</span>`,
      },
      {
        label: 'In words',
        value: ({ detail, reason: why }) => html`<span class="wrap">${detail ?? words(why)}</span>`,
      },
      { label: 'At stake', align: 'right', value: ({ at_stake }) => amount(at_stake) },
    ],
  })}${rest}</div>`;
}

/** Kinds whose records have a page of their own. */
function elsewhere(kind: string, next_action: string | null): Node {
  const { month, basis, method } = context().defaults;
  const link =
    kind === 'contested_deal'
      ? html`<a href="/revops/conflicts#claims">the claims of each deal</a>`
      : html`<a href=${explainHref(`party/unattributed//${month}/${basis}/${method}`)}>what nobody has credit for</a>`;
  return html`<p class="empty">Followed deal by deal: ${link}. ${next_action ? sentence(next_action) : ''}</p>`;
}
