// Partners by how far they have come: those without a first commercial event stand first, then those gone quiet longest.
import { html } from 'htl';
import type { ActivationRow } from './answers.js';
import { explainHref } from './figure.js';
import { dayText, integerText, nothing } from './format.js';
import { context, release } from './release.js';
import { table } from './table.js';

export function activationTable(partners: readonly ActivationRow[]): HTMLElement {
  const { time_zone } = release();
  const { month } = context().defaults;
  return table({
    caption: 'Activation of each partner',
    rows: partners.toSorted((left, right) => ((left.last_event_at ?? '') < (right.last_event_at ?? '') ? -1 : 1)),
    rowId: ({ partner_id }) => partner_id,
    first: 20,
    empty: 'There is no partner yet. Check that a source delivers the stream partners.',
    columns: [
      {
        label: 'Partner',
        value: ({ partner_id, partner_name }) =>
          html`<a href=${explainHref(`${partner_id}/${month}`)}>${partner_name ?? partner_id}</a>`,
      },
      { label: 'State', value: stateOf },
      { label: 'Last event', align: 'right', value: ({ last_event_at }) => dayText(last_event_at, time_zone) },
      { label: 'Joined', align: 'right', isWide: true, value: ({ joined_at }) => dayText(joined_at, time_zone) },
      { label: 'Onboarding', align: 'right', isWide: true, value: onboarding },
      {
        label: 'First event',
        align: 'right',
        isWide: true,
        value: ({ first_event_at }) => dayText(first_event_at, time_zone),
      },
      {
        label: 'Days to first deal',
        align: 'right',
        isWide: true,
        value: ({ days_to_first_deal }) => integerText(days_to_first_deal),
      },
    ],
  });
}

function stateOf({ first_event_at, is_active }: ActivationRow): Node {
  if (first_event_at === null) return html`<span class="tag warning">not activated</span>`;
  return is_active ? html`<span class="tag partner">active</span>` : html`<span class="tag">gone quiet</span>`;
}

function onboarding({ onboarding_completed_count, onboarding_step_count }: ActivationRow): string {
  return onboarding_step_count
    ? `${integerText(onboarding_completed_count)} of ${integerText(onboarding_step_count)}`
    : nothing;
}
