// The releases of the workspace, the newest first; each opens to what it changed against the one before it, and why.
import { html } from 'htl';
import type { z } from 'zod';
import type { ReleaseDiff, ReleaseHistory } from '../../api/schemas/releases.ts';
import { ask } from './api.js';
import { amountWithCurrency, explainHref } from './figure.js';
import { instantText, integerText, monthText, nothing, sentence, words } from './format.js';
import { openRow } from './open-row.js';
import { release } from './release.js';
import { table } from './table.js';

type History = z.infer<typeof ReleaseHistory>;
type Past = History['releases'][number];
type Diff = z.infer<typeof ReleaseDiff>;
type DealDiff = Diff['deals']['items'][number];
type Cause = Diff['causes'][number];

/** Asked live: a release that is published after this page was built belongs to the history too. */
export async function releaseHistory(): Promise<HTMLElement> {
  const { releases, total } = await ask<History>('/v1/releases');
  const { time_zone } = release();
  return html`<section id="releases"><h2>${total === 1 ? 'One release' : `${integerText(total)} releases`}</h2>
    <p class="subtitle">a release is never changed; each opens to what moved against the one before it, and why</p>
    ${table({
      caption: 'Releases, the newest first',
      rows: releases,
      rowId: ({ release_id }) => release_id,
      first: 10,
      empty: 'Nothing was published. Publish: sourced publish.',
      columns: [
        {
          label: 'Release',
          value: (past) =>
            html.fragment`${opener(past, releases)}<span class="aside">${past.is_current ? 'current' : ''}</span>`,
        },
        { label: 'As of', value: ({ as_of }) => html`<span class="nowrap">${instantText(as_of, time_zone)}</span>` },
        {
          label: 'Written',
          isWide: true,
          value: ({ created_at }) => html`<span class="nowrap">${instantText(created_at, time_zone)}</span>`,
        },
        {
          label: 'Audits',
          value: ({ audits }) =>
            html`<span class=${audits.warned ? 'warns' : 'holds'}>${audits.passed} of ${audits.total} hold</span>`,
        },
      ],
    })}</section>`;
}

/** The first release of all has nothing before it. */
function opener({ release_id, previous_release_id }: Past, releases: readonly Past[]): Node {
  const label = html`<code>${release_id.slice(0, 7)}</code>`;
  const isFirst = previous_release_id === null && releases.at(-1)?.release_id === release_id;
  return isFirst ? label : openRow(label, () => changes(release_id));
}

async function changes(release_id: string): Promise<Node> {
  const diff = await ask<Diff>(`/v1/releases/${release_id}/diff`);
  const { before, causes, records, ledger, links } = diff;
  const said = [
    ...causes.map(({ text }) => sentence(text)),
    ...records.map(
      ({ stream, added, changed, removed }) =>
        `${sentence(stream)}: ${integerText(added)} new, ${integerText(changed)} changed, ${integerText(removed)} gone`,
    ),
    ...(links.total ? [`${integerText(links.total)} invoices belong to another deal or account`] : []),
    ...(ledger.added ? [`${integerText(ledger.added)} ledger entries were added`] : []),
  ];
  return html`<div>
    <p class="proof">Against <code>${before.release_id.slice(0, 7)}</code>${said.length ? '' : ': nothing differs'}</p>
    <ul class="sentences">${said.map((text) => html`<li><span>${text}</span></li>`)}</ul>
    ${totals(diff)}<div class="gap">${deals(diff)}</div></div>`;
}

function totals({ totals: rows }: Diff): Node | string {
  if (!rows.length) return '';
  return table({
    caption: 'Totals that moved',
    hidesCaption: false,
    rows: rows.toSorted((left, right) => Number(right.basis === 'paid') - Number(left.basis === 'paid')),
    first: 8,
    rowId: ({ month, basis, currency, figure }) => [month, basis, currency, figure].join('/'),
    empty: '',
    columns: [
      {
        label: 'Total',
        value: ({ basis, figure, month }) =>
          html.fragment`${sentence(basis)}, ${words(figure)}<span class="aside">${monthText(month)}</span>`,
      },
      { label: 'Before', align: 'right', isWide: true, value: ({ before }) => amountWithCurrency(before) },
      { label: 'After', align: 'right', value: ({ after }) => amountWithCurrency(after) },
      { label: 'Change', align: 'right', value: ({ difference }) => amountWithCurrency(difference) },
    ],
  });
}

function deals({ deals: { total, items } }: Diff): Node | string {
  if (!total) return '';
  const rest = total > items.length ? `The ${items.length} that moved most of ${integerText(total)}.` : '';
  return html`<div>${table({
    caption: 'Deals that changed',
    hidesCaption: false,
    rows: items,
    first: 8,
    rowId: ({ deal_id }) => deal_id,
    empty: '',
    columns: [
      {
        label: 'Deal',
        value: ({ deal_id, name }) =>
          html.fragment`<a href=${explainHref(deal_id)}>${name ?? deal_id}</a><span class="aside">${deal_id}</span>`,
      },
      { label: 'What changed', value: whatChanged },
      { label: 'Why', value: ({ causes }) => html`<span class="wrap">${causes.map(why)}</span>` },
    ],
  })}${rest ? html`<p class="proof">${rest}</p>` : ''}</div>`;
}

const SHOWN = 3;

function whatChanged({ changes: kinds, sourcing, money, weights }: DealDiff): Node {
  const by = (side: DealDiff['sourcing']['before']) => (side ? `${side.partner_id}, ${words(side.rule)}` : 'nobody');
  const lines = [
    ...(kinds.includes('sourcing')
      ? [html`<span>sourced by ${by(sourcing.before)} to ${by(sourcing.after)}</span>`]
      : []),
    ...money
      .toSorted((left, right) => Number(right.basis === 'paid') - Number(left.basis === 'paid'))
      .slice(0, SHOWN)
      .map(
        ({ basis, month, before, after }) =>
          html`<span>${basis}, ${monthText(month)}: ${amountWithCurrency(before)} to ${amountWithCurrency(after)}</span>`,
      ),
    ...(weights.length
      ? [html`<span>weights of ${new Set(weights.map(({ party_id }) => party_id)).size} parties</span>`]
      : []),
  ];
  if (!lines.length) lines.push(html`<span>${kinds.map(words).join(', ') || nothing}</span>`);
  return html`<span class="wrap">${lines.map((line) => html`<span class="example">${line}</span>`)}</span>`;
}

function why({ text, fields }: Cause): Node {
  const told = fields.map(({ field, before, after }) => `${words(field)} ${before ?? 'blank'} to ${after ?? 'blank'}`);
  return html`<span class="example">${text}${told.length ? `: ${told.join('; ')}` : ''}</span>`;
}
