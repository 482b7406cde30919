// The trust page's tables: audits, freshness, refused records.
import { html } from 'htl';
import type { QualityAnswer } from './answers.js';
import { queryOf } from './audit-query.js';
import { instantText, integerText, nothing, sentence, words } from './format.js';
import { openRow } from './open-row.js';
import { release } from './release.js';
import { type Column, table } from './table.js';

type Audit = QualityAnswer['audits'][number];
type Load = QualityAnswer['freshness'][number];
type Refused = QualityAnswer['quarantine']['by_reason'][number];

export function auditTable(audits: readonly Audit[]): HTMLElement {
  const failing = audits.filter(({ status }) => status !== 'pass').length;
  return section(
    `${audits.length - failing} of ${audits.length} audits hold`,
    'a blocking audit that fails publishes nothing: this release passed all of those; a line opens to its query',
    table({
      caption: 'Audits of this release',
      rows: audits,
      rowId: ({ name }) => name,
      empty: 'No audit ran for this release. Publish again: sourced publish.',
      columns: [
        {
          label: 'Audit',
          value: ({ name, level }) =>
            html.fragment`${openRow(sentence(name), () => queryOf(name))}<span class="aside">${level === 'block' ? 'blocks' : ''}</span>`,
        },
        { label: 'Result', value: mark },
        {
          label: 'What was compared',
          isWide: true,
          value: ({ detail }) => html`<span class="wrap">${detail ?? nothing}</span>`,
        },
      ],
    }),
  );
}

/** An audit that only warns never says that something fails: nothing was held back for it. */
function mark({ status, level }: Audit): Node {
  if (status === 'pass') return html`<span class="holds">holds</span>`;
  return level === 'warn' ? html`<span class="warns">warns</span>` : html`<span class="fails">fails</span>`;
}

export function freshnessTable(loads: readonly Load[]): HTMLElement {
  const { time_zone } = release();
  const count = (label: string, pick: (load: Load) => number | null): Column<Load> => ({
    label,
    align: 'right',
    isWide: label !== 'Refused',
    value: (load) => integerText(pick(load)),
  });
  const stale = loads.filter(({ is_stale }) => is_stale).length;
  return section(
    stale === 0 ? 'Every source is fresh' : `${stale} of ${loads.length} loads are stale`,
    'age of the last complete load, never of the records in it',
    table({
      caption: 'Last load of every source and stream',
      rows: loads,
      rowId: ({ source, stream }) => `${source}/${stream ?? ''}`,
      empty: 'No source has been loaded. Check sourced.yaml, then: sourced ingest.',
      columns: [
        {
          label: 'Stream',
          value: ({ source, stream, level }) =>
            html.fragment`${words(stream)}<span class="aside">${source}${level === 'block' ? ', blocks' : ''}</span>`,
        },
        {
          label: 'Last load',
          value: ({ last_load_at }) =>
            html`<span class="nowrap">${instantText(last_load_at, time_zone).replace(/ \d{4},/, ',')}</span>`,
        },
        {
          label: 'State',
          value: ({ is_stale }) =>
            is_stale ? html`<span class="fails">stale</span>` : html`<span class="holds">fresh</span>`,
        },
        count('Fetched', ({ fetched }) => fetched),
        count('New', ({ accepted }) => accepted),
        count('Repeats', ({ repeats }) => repeats),
        count('Refused', ({ quarantined }) => quarantined),
      ],
    }),
  );
}

export function quarantineTable({ total, waived_count, by_reason }: QualityAnswer['quarantine']): HTMLElement {
  return section(
    total === 0 ? 'No record is refused' : `${integerText(total)} ${total === 1 ? 'record is' : 'records are'} refused`,
    `kept with their reason until they are corrected, replayed or waived${waived_count ? ` (${integerText(waived_count)} waived)` : ''}: sourced quarantine list`,
    table({
      caption: 'Refused records by reason',
      rows: by_reason,
      rowId: ({ stream, reason }) => `${stream}/${reason}`,
      empty: 'Every record of every load was accepted.',
      columns: [
        {
          label: 'Reason',
          value: ({ reason, stream }) => html.fragment`${sentence(reason)}<span class="aside">${words(stream)}</span>`,
        },
        { label: 'Records', align: 'right', value: ({ record_count }) => integerText(record_count) },
        { label: 'Examples', value: ({ examples }) => html`<span class="wrap">${examples.map(example)}</span>` },
      ],
    }),
  );
}

function example({ record_id, record, detail }: Refused['examples'][number]): Node {
  return html`<span class="example"><code>${record_id ?? nothing}</code>${record === null ? '' : ` in line ${record}`}${detail ? `: ${detail}` : ''}</span>`;
}

export function section(title: string, subtitle: string, content: Node): HTMLElement {
  return html`<section><h2>${title}</h2><p class="subtitle">${subtitle}</p>${content}</section>`;
}
