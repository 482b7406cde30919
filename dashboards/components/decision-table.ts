// The audit trail as a table.
import { html } from 'htl';
import type { DecisionRow } from './answers.js';
import { withDates } from './dates.js';
import { countText, instantText, nativeId, nothing, sentence } from './format.js';
import { release } from './release.js';
import { statementHref } from './statement-words.js';
import { table } from './table.js';

export function decisionTable(
  decisions: readonly DecisionRow[],
  { withSubject }: { withSubject: boolean },
): HTMLElement {
  const { time_zone } = release();
  return table({
    caption: 'Decisions of people, the latest first',
    rows: decisions,
    first: 50,
    rowId: ({ decision_id }) => decision_id,
    empty: withSubject
      ? 'Nobody has decided anything of this kind yet. Statements, overrides and payout exports leave their decisions here.'
      : 'Nobody has decided about it yet.',
    columns: [
      {
        label: 'When',
        value: ({ decided_at }) => html`<span class="nowrap">${instantText(decided_at, time_zone)}</span>`,
      },
      {
        label: 'Who',
        value: ({ person, role }) => html.fragment`${person}<span class="aside">${person === role ? '' : role}</span>`,
      },
      {
        label: 'What',
        value: (decision) =>
          html.fragment`${sentence(decision.kind.replace(/^statement_/, ''))}<span class="aside">${decision.line_ids ? countText(decision.line_ids.split(' ').length, 'line') : ''}</span><span class="narrow wrap">${withSubject ? subject(decision) : ''}</span><span class="narrow wrap soft">${decision.reason}</span>`,
      },
      ...(withSubject ? [{ label: 'About', value: subject, isWide: true }] : []),
      { label: 'Why', isWide: true, value: ({ reason }) => html`<span class="wrap">${reason}</span>` },
      {
        label: 'Posted',
        isWide: true,
        value: ({ is_posted, kind }) =>
          kind.startsWith('payout_')
            ? nothing
            : is_posted
              ? 'yes'
              : html`<span class="tag warning">by the next run</span>`,
      },
    ],
  });
}

function subject({ subject_kind, subject_id, subject_name }: DecisionRow): Node {
  if (subject_kind !== 'statement' && subject_kind !== 'payout') return html`<code>${subject_id}</code>`;
  return html`<a href=${statementHref(subject_id)}>${subject_name ? withDates(subject_name) : nativeId(subject_id)}</a>`;
}
