// Accounts that both sides know: our populations × theirs, all partners together and each alone. A signal, never influence.
import { html } from 'htl';
import type { OverlapRow, OverlapSummaryRow } from './answers.js';
import { integerText, sentence, words } from './format.js';
import { openRow } from './open-row.js';
import { type Column, table } from './table.js';

const populations = ['customer', 'open_opportunity', 'prospect'] as const;

type Population = (typeof populations)[number];
type Cell = Pick<OverlapSummaryRow, 'our_population' | 'partner_population' | 'account_count'>;

/** Where a partner's word opens a door: its customers whom we still want to win. */
const doors = ['open_opportunity', 'prospect'] as const;

/** The matrix; a darker field holds more accounts. */
export function overlapMatrix(cells: readonly Cell[], caption: string): HTMLElement {
  const most = Math.max(1, ...cells.map(({ account_count }) => account_count));
  const column = (theirs: Population): Column<Population> => ({
    label: twoLines('Their', theirs),
    align: 'right',
    value: (ours) => {
      const count = accountsOf(cells, ours, theirs);
      return html`<span class="heat" style=${`--share:${Math.round((count / most) * 100)}`}>${integerText(count)}</span>`;
    },
  });
  return table({
    caption,
    rows: cells.length ? populations : [],
    rowId: (ours) => ours,
    empty: 'No partner shares an account with us. Check that a source delivers the stream account_overlaps.',
    columns: [{ label: 'Ours', value: (ours) => sentence(plural(ours)) }, ...populations.map(column)],
  });
}

export function overlapTable(overlaps: readonly OverlapRow[]): HTMLElement {
  const partners = [...Map.groupBy(overlaps, ({ partner_id }) => partner_id)].map(([partner_id, cells]) => ({
    partner_id,
    name: cells[0]?.partner_name ?? partner_id,
    cells,
  }));
  const strength = ({ cells }: (typeof partners)[number]) =>
    doors.reduce((sum, ours) => sum + accountsOf(cells, ours, 'customer'), 0);
  return table({
    caption: 'Shared accounts of each partner',
    rows: partners.toSorted((left, right) => strength(right) - strength(left) || (left.name < right.name ? -1 : 1)),
    rowId: ({ partner_id }) => partner_id,
    first: 15,
    empty: 'No partner has shared its list of accounts.',
    columns: [
      {
        label: 'Partner',
        value: ({ name, cells }) => openRow(name, async () => overlapMatrix(cells, `Shared accounts of ${name}`)),
      },
      ...doors.map((ours) => ({
        label: html.fragment`Our ${plural(ours)},<br>their customers`,
        align: 'right' as const,
        value: ({ cells }: (typeof partners)[number]) => integerText(accountsOf(cells, ours, 'customer')),
      })),
    ],
  });
}

function accountsOf(cells: readonly Cell[], ours: Population, theirs: Population): number {
  const cell = cells.find(
    ({ our_population, partner_population }) => our_population === ours && partner_population === theirs,
  );
  return cell?.account_count ?? 0;
}

function plural(population: Population): string {
  return population === 'open_opportunity' ? 'open opportunities' : `${words(population)}s`;
}

/** A head that stays narrow. */
function twoLines(whose: string, population: Population): Node {
  const [first, ...rest] = plural(population).split(' ');
  return rest.length ? html.fragment`${whose} ${first}<br>${rest.join(' ')}` : html.fragment`${whose}<br>${first}`;
}
