// The frame of a chart: a title that says what it shows, a drawing at the width it is shown, and the same as a table.
import { html } from 'htl';
import { type Column, emptyState, table } from './table.js';

type Child = Node | string;

export interface ChartOptions<Row> {
  readonly title: string;
  readonly subtitle?: string;
  /** One sentence for those who cannot see the drawing. */
  readonly summary: string;
  /** Draws at a width in CSS pixels; called again whenever the width changes. */
  readonly draw: (width: number) => Element;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly empty: Child;
}

export function chart<Row>({ title, subtitle, summary, draw, rows, columns, empty }: ChartOptions<Row>): HTMLElement {
  const head = html`<h2>${title}</h2>${subtitle ? html`<p class="subtitle">${subtitle}</p>` : ''}`;
  if (rows.length === 0) return html`<section class="chart">${head}${emptyState(empty)}</section>`;
  const stage = html`<div class="stage" role="img" aria-label=${summary}></div>`;
  drawAtWidth(stage, draw);
  const twin = html`<details class="twin"><summary>as a table<span class="only-read">: ${title}</span></summary>
    ${table({ caption: title, columns, rows, empty })}</details>`;
  return html`<section class="chart"><div class="chart-head"><div>${head}</div>${twin}</div>${stage}</section>`;
}

function drawAtWidth(stage: HTMLElement, draw: (width: number) => Element): void {
  let drawn = 0;
  const redraw = (width: number) => {
    if (width === 0 || width === drawn) return;
    drawn = width;
    stage.replaceChildren(quiet(draw(width)));
  };
  new ResizeObserver(([entry]) => {
    requestAnimationFrame(() => redraw(Math.floor(entry?.contentRect.width ?? 0)));
  }).observe(stage);
}

/** Plot labels its groups of marks; inside an image that already has a name those labels are not allowed. */
function quiet(drawing: Element): Element {
  for (const group of drawing.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label');
  drawing.removeAttribute('aria-label');
  return drawing;
}
