// The SQL that decided an audit, as it ran.
import { html } from 'htl';
import type { AuditRow, List } from './answers.js';
import { ask } from './api.js';

export async function queryOf(name: string): Promise<Node> {
  const { items } = await ask<List<AuditRow>>(`/v1/quality/audits?name=${encodeURIComponent(name)}`);
  const [audit] = items;
  if (!audit?.query) return html`<p class="empty">This release does not hold its query. Run again: sourced run.</p>`;
  return html`<div>${audit.detail ?? ''}<pre class="query" tabindex="0" role="region" aria-label=${`Query of ${name}`}>${audit.query}</pre></div>`;
}
