// Tables: a caption that says what they hold, right-aligned figures, totals that foot, an empty state with the next action.
import { html } from 'htl';
import { integerText } from './format.js';

type Child = Node | string;

export interface Column<Row> {
  readonly label: Child;
  readonly value: (row: Row) => Child;
  /** Figures stand right, names left. */
  readonly align?: 'left' | 'right';
  /** Left out where the page is narrow. */
  readonly isWide?: boolean;
  /** Below the column. */
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
  /** Shows so many rows at first and a button for all of them. */
  readonly first?: number;
}

export function table<Row>(options: TableOptions<Row>): HTMLElement {
  const { rows, empty, first = rows.length } = options;
  if (rows.length === 0) return emptyState(empty);
  if (rows.length <= first) return wholeTable(options);
  const place = html`<div></div>`;
  const button = html`<button type="button" class="choice more">Show all ${integerText(rows.length)}</button>`;
  button.addEventListener('click', () => place.replaceChildren(wholeTable(options)));
  place.append(wholeTable({ ...options, rows: rows.slice(0, first) }), button);
  return place;
}

function wholeTable<Row>({ caption, columns, rows, hidesCaption = true, rowId }: TableOptions<Row>): HTMLElement {
  const head = columns.map((column) => html`<th scope="col" class=${classes(column)}>${column.label}</th>`);
  const body = rows.map(
    (row) => html`<tr data-id=${rowId?.(row) ?? null}>${columns.map((column, index) => cell(row, column, index))}</tr>`,
  );
  return html`<div class="table" role="region" aria-label=${caption} tabindex="0"><table>
    <caption class=${hidesCaption ? 'only-read' : ''}>${caption}</caption>
    <thead><tr>${head}</tr></thead><tbody>${body}</tbody>${foot(columns)}</table></div>`;
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
