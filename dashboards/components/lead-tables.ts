// Speed to lead: its four figures, the open leads that wait longest, and each owner and partner.
import { html } from 'htl';
import type { LeadRow, LeadSummaryRow } from './answers.js';
import { dealHref } from './deal-list.js';
import { dayText, durationText, integerText, nothing, percentText, perMille, words } from './format.js';
import { release } from './release.js';
import { table } from './table.js';

export function leadFigures(company: LeadSummaryRow | undefined): Node[] {
  const { lead_count = 0, responded_count = 0, waiting_count = 0 } = company ?? {};
  const answered = percentText(perMille(BigInt(responded_count), BigInt(lead_count)));
  return [
    tile(
      'Half are answered within',
      durationText(company?.median_minutes),
      'from submission to the first sales response',
    ),
    tile('Nine in ten within', durationText(company?.p90_minutes), 'of those that were answered'),
    tile('Answered', answered, `${integerText(responded_count)} of ${integerText(lead_count)} leads of partners`),
    tile(
      'Waiting now',
      integerText(waiting_count),
      company?.longest_waiting_minutes
        ? `the oldest for ${durationText(company.longest_waiting_minutes)}`
        : 'no open lead waits',
    ),
  ];
}

function tile(label: string, figure: string, note: string): Node {
  return html`<div><h2>${label}</h2><span class="large">${figure}</span><p>${note}</p></div>`;
}

/** `count` is the number of all that wait. */
export function waitingTable(leads: readonly LeadRow[], count: number): HTMLElement {
  const { time_zone } = release();
  const rest =
    leads.length < count ? html`<p class="proof">The ${leads.length} oldest of ${integerText(count)}.</p>` : '';
  return html`<div>${table({
    caption: 'Open leads without a response, the oldest first',
    rows: leads,
    rowId: ({ lead_id }) => lead_id,
    first: 10,
    empty: 'No open lead waits for a response.',
    columns: [
      {
        label: 'Partner',
        value: (lead) =>
          html.fragment`${lead.partner_name ?? lead.partner_id ?? nothing}<span class="aside">${leadId(lead)}</span>`,
      },
      { label: 'Owner', value: ({ owner }) => owner ?? html`<span class="warning">nobody</span>` },
      {
        label: 'Submitted',
        align: 'right',
        isWide: true,
        value: ({ submitted_at }) => dayText(submitted_at, time_zone),
      },
      { label: 'Waiting for', align: 'right', value: ({ waiting_minutes }) => durationText(waiting_minutes) },
    ],
  })}${rest}</div>`;
}

function leadId({ lead_id, deal_id, status }: LeadRow): Node {
  const id = html`<code>${lead_id}</code>`;
  return html.fragment`${deal_id ? html`<a href=${dealHref(deal_id)}>${id}</a>` : id} ${words(status)}`;
}

/** Those whose half is answered latest stand first: there the next call is due. */
export function responseTable(rows: readonly LeadSummaryRow[], kind: 'owner' | 'partner'): HTMLElement {
  return table({
    caption: `Speed to lead by ${kind}`,
    rows: rows
      .filter(({ scope_kind }) => scope_kind === kind)
      .toSorted((left, right) => (right.median_minutes ?? Infinity) - (left.median_minutes ?? Infinity) || 0),
    rowId: ({ scope_id }) => scope_id,
    first: 12,
    empty:
      kind === 'owner'
        ? 'No lead names its owner. Check the column owner of the stream leads.'
        : 'No partner has submitted a lead.',
    columns: [
      { label: kind === 'owner' ? 'Owner' : 'Partner', value: ({ scope_name, scope_id }) => scope_name ?? scope_id },
      { label: 'Leads', align: 'right', value: ({ lead_count }) => integerText(lead_count) },
      {
        label: 'Answered',
        align: 'right',
        isWide: true,
        value: ({ lead_count, responded_count }) => percentText(perMille(BigInt(responded_count), BigInt(lead_count))),
      },
      { label: 'Half within', align: 'right', value: ({ median_minutes }) => durationText(median_minutes) },
      { label: 'Nine in ten', align: 'right', isWide: true, value: ({ p90_minutes }) => durationText(p90_minutes) },
      { label: 'Waiting', align: 'right', value: ({ waiting_count }) => integerText(waiting_count) },
    ],
  });
}
