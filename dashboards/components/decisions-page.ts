// Every decision of people, the latest first: the audit trail of the company.
import { html } from 'htl';
import type { DecisionRow, List } from './answers.js';
import { ask } from './api.js';
import { decisionTable } from './decision-table.js';
import { sentence } from './format.js';
import { type Query, setQuery } from './query.js';

const LIMIT = 500;

const kinds = [
  'statement_approve',
  'statement_accept',
  'statement_dispute',
  'statement_resolve',
  'payout_export',
  'payout_reopen',
  'override_add',
  'override_approve',
  'override_revoke',
  'quarantine_waive',
];

export async function decisionsPage({ kind = '' }: Query): Promise<Node> {
  const search = new URLSearchParams({ limit: String(LIMIT), ...(kind ? { kind } : {}) });
  const { items, next_cursor } = await ask<List<DecisionRow>>(`/v1/decisions?${search}`);
  const select =
    html`<select aria-label="Kind of decision"><option value="">All decisions</option>${kinds.map((name) => html`<option value=${name} selected=${name === kind}>${sentence(name)}</option>`)}</select>` as HTMLSelectElement;
  select.addEventListener('change', () => setQuery({ kind: select.value || undefined }));
  const csv = html`<a class="choice" href=${`/v1/decisions?${search}&format=csv`.replace(`limit=${LIMIT}`, 'limit=10000')} download="decisions.csv">Save as CSV</a>`;
  const more = next_cursor ? html`<p class="proof">The latest ${LIMIT}; the CSV has up to 10,000.</p>` : '';
  return html`<section><p class="subtitle">who, when, what and why; recorded at once, chained, never changed, posted by the next run</p><div class="actions">${select}${csv}</div>${decisionTable(items, { withSubject: true })}${more}</section>`;
}
