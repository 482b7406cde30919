// Tables: a caption that says what they hold, right-aligned figures, totals that foot, an empty state with the next action.
import { html } from 'htl';
import { integerText } from './format.js';
import type { Order } from './sortable.js';

type Child = Node | string;

export interface Column<Row> {
  readonly label: Child;
  readonly value: (row: Row) => Child;
  /** Figures stand right, names left. */
  readonly align?: 'left' | 'right';
  /** Left out where the page is narrow. */
  readonly isWide?: boolean;
  /** The order that the column's head offers, where the table has one. */
  readonly sortsBy?: string;
  /** Below the column, where the table has no `totals`. */
  readonly total?: Child;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** What to say and do where there is no row. */
  readonly empty: Child;
  /** Keep the caption for screen readers where a heading already says it. */
  readonly hidesCaption?: boolean;
  readonly rowId?: (row: Row) => string;
  /** Rows below the line, drawn as the others are. */
  readonly totals?: readonly Row[];
  /** The order of the rows; heads of columns with `sortsBy` change it. */
  readonly order?: Order;
  /** Shows so many rows at first and a button for all of them. */
  readonly first?: number;
}

export function table<Row>(options: TableOptions<Row>): HTMLElement {
  const { rows, empty, first = rows.length } = options;
  if (rows.length === 0) return emptyState(empty);
  if (rows.length <= first) return wholeTable(options);
  const place = html`<div></div>`;
  const button = html`<button type="button" class="choice more">Show all ${integerText(rows.length)}</button>`;
  button.addEventListener('click', () => {
    place.replaceChildren(wholeTable(options));
    focusRow(place, first);
  });
  place.append(wholeTable({ ...options, rows: rows.slice(0, first) }), button, onPaper(first, rows.length));
  return place;
}

/** The keyboard goes on in the first row that was not there before. */
export function focusRow(place: HTMLElement, index: number): void {
  const row = place.querySelectorAll('tbody tr')[index];
  (row?.querySelector<HTMLElement>('a, button, input') ?? place.querySelector<HTMLElement>('.table'))?.focus();
}

/** Paper has no button for the rest. */
function onPaper(first: number, all: number): HTMLElement {
  return html`<p class="paper">The first ${integerText(first)} of ${integerText(all)}.</p>`;
}

function wholeTable<Row>(options: TableOptions<Row>): HTMLElement {
  const { caption, columns, rows, totals = [], hidesCaption = true, rowId, order } = options;
  const head = columns.map((column) => headOf(column, order));
  const line = (row: Row) =>
    html`<tr data-id=${rowId?.(row) ?? null}>${columns.map((column, index) => cell(row, column, index))}</tr>`;
  return html`<div class="table" role="region" aria-label=${caption} tabindex="0"><table>
    <caption class=${hidesCaption ? 'only-read' : ''}>${caption}</caption>
    <thead><tr>${head}</tr></thead><tbody>${rows.map(line)}</tbody>${totals.length ? html`<tfoot>${totals.map(line)}</tfoot>` : foot(columns)}</table></div>`;
}

/** Every order is from the largest down: most at stake, or the oldest, first. */
function headOf<Row>(column: Column<Row>, order: Order | undefined): HTMLElement {
  const { label, sortsBy } = column;
  if (!order || !sortsBy) return html`<th scope="col" class=${classes(column)}>${label}</th>`;
  const button = html`<button type="button" class="sort" data-sort=${sortsBy}>${label}</button>`;
  button.addEventListener('click', () => order.sort(sortsBy));
  return html`<th scope="col" class=${classes(column)} aria-sort=${order.by === sortsBy ? 'descending' : 'none'}>${button}</th>`;
}

/** Says what is missing and what to do about it. */
export function emptyState(text: Child): HTMLElement {
  return html`<p class="empty">${text}</p>`;
}

function foot<Row>(columns: readonly Column<Row>[]): HTMLElement | null {
  if (columns.every(({ total }) => total === undefined)) return null;
  const cells = columns.map((column, index) =>
    index === 0
      ? html`<th scope="row" class=${classes(column)}>${column.total ?? 'Total'}</th>`
      : html`<td class=${classes(column)}>${column.total ?? ''}</td>`,
  );
  return html`<tfoot><tr>${cells}</tr></tfoot>`;
}

function cell<Row>(row: Row, column: Column<Row>, index: number): HTMLElement {
  return index === 0
    ? html`<th scope="row" class=${classes(column)}>${column.value(row)}</th>`
    : html`<td class=${classes(column)}>${column.value(row)}</td>`;
}

function classes<Row>({ align = 'left', isWide = false }: Column<Row>): string {
  return [align === 'right' ? 'right' : '', isWide ? 'wide' : ''].filter(Boolean).join(' ');
}
