// Paid revenue by who brought it: a bar per month, the partners' share as a line above it.
import { html } from 'htl';
import { chart } from './chart.js';
import { amount, explainHref } from './figure.js';
import { monthText, percentText, perMille, shiftMonth, shortMonth } from './format.js';
import { geometry, minor } from './money.js';
import { axisX, axisY, barY, dot, lineY, plot, ruleY, text } from './plot.js';
import { setQuery } from './query.js';
import { type MonthRevenue, parts } from './revenue.js';
import { amountScale } from './scale.js';

export interface RevenueChartOptions {
  readonly months: readonly MonthRevenue[];
  readonly month: string;
  readonly basis: string;
  readonly currency: string;
  readonly height: number;
}

const kinds = [
  { kind: 'sourced', colour: 'var(--partner)' },
  { kind: 'influenced', colour: 'var(--partner-soft)' },
  { kind: 'other', colour: 'var(--other)' },
] as const;

/** The last 24 months up to the chosen one. A click on a bar chooses its month. */
export function revenueChart({ months, month, basis, currency, height }: RevenueChartOptions): HTMLElement {
  // Always 24 places: a company's first bar stands where it belongs, with its labels beside it.
  const places = Array.from({ length: 24 }, (_, index) => shiftMonth(month, index - 23));
  const shown = months.filter((row) => places.includes(row.month));
  const scale = amountScale(shown.map(({ total }) => geometry(total)));
  const share = (row: MonthRevenue) => perMille(minor(row.involved), minor(row.total));
  const last = shown.at(-1);
  const idOf = (row: MonthRevenue) => `revenue/${row.month}/${basis}`;
  const name = basis.charAt(0).toUpperCase() + basis.slice(1);
  return chart({
    title: `${name} revenue by who brought it`,
    subtitle: `${currency} ${scale.unit} a month; above it the share that partners sourced or influenced`.replace(
      '  ',
      ' ',
    ),
    summary: `Stacked bars of ${basis} revenue in ${shown.length} months: sourced by partners, influenced only, other. Partner share ${last ? percentText(share(last)) : 'unknown'} in ${monthText(month)}.`,
    rows: shown.toReversed(),
    columns: [
      {
        label: 'Month',
        value: (row) => html`<a href=${explainHref(idOf(row))}>${shortMonth(row.month, { year: true })}</a>`,
      },
      { label: `Sourced, ${currency}`, align: 'right', value: (row) => amount(row.sourced, idOf(row)) },
      { label: 'Influenced only', align: 'right', value: (row) => amount(parts(row).influencedOnly, idOf(row)) },
      { label: 'Other', align: 'right', value: (row) => amount(parts(row).other, idOf(row)) },
      { label: 'Total', align: 'right', value: (row) => amount(row.total, idOf(row)) },
      { label: 'Partner share', align: 'right', value: (row) => percentText(share(row)) },
    ],
    empty: `No ${basis} revenue up to ${monthText(month)}. Choose a later month, or check on the trust page that invoices and payments were loaded.`,
    draw: (width) => {
      const drawing = html`<div class="revenue-chart"></div>`;
      const frame = {
        width,
        marginLeft: 46,
        marginRight: width < 480 ? 68 : 84,
        places,
        ticks: monthTicks(places, width),
      };
      drawing.append(shareLine(shown, share, frame), bars(shown, scale, { ...frame, height: height - 58 }));
      drawing.addEventListener('click', (event) => {
        const at = (event.offsetX - frame.marginLeft) / (width - frame.marginLeft - frame.marginRight);
        const clicked = places[Math.floor(at * places.length)];
        if (shown.some((row) => row.month === clicked)) setQuery({ month: clicked });
      });
      return drawing;
    },
  });
}

interface Frame {
  readonly width: number;
  readonly marginLeft: number;
  readonly marginRight: number;
  /** The months of the axis. */
  readonly places: readonly string[];
  readonly ticks: readonly string[];
}

function shareLine(
  shown: readonly MonthRevenue[],
  share: (row: MonthRevenue) => number | null,
  { ticks: _, places, ...frame }: Frame,
) {
  const points = shown.flatMap((row) => {
    const tenths = share(row);
    return tenths === null ? [] : [{ month: row.month, tenths }];
  });
  const ends = points.length > 1 ? [points[0], points.at(-1)] : points;
  return plot({
    ...frame,
    height: 58,
    marginTop: 26,
    marginBottom: 8,
    x: { type: 'band', domain: places, axis: null, padding: 0.26 },
    y: { axis: null, zero: false },
    marks: [
      lineY(points, { x: 'month', y: 'tenths', stroke: 'var(--ink)', strokeWidth: 1.4 }),
      dot(ends, { x: 'month', y: 'tenths', r: 2.2, fill: 'var(--ink)' }),
      text([`partner share, ${percentText(points[0]?.tenths ?? null)} at first`], {
        frameAnchor: 'top-left',
        dy: -24,
        text: String,
        fill: 'var(--faint)',
        fontSize: 12,
      }),
      text(points.slice(-1), {
        x: 'month',
        y: 'tenths',
        text: (row: { tenths: number }) => percentText(row.tenths),
        dx: 14,
        textAnchor: 'start',
        fill: 'var(--ink)',
        fontSize: 13,
        fontWeight: 600,
      }),
    ],
  });
}

function bars(
  shown: readonly MonthRevenue[],
  scale: ReturnType<typeof amountScale>,
  { ticks, places, height, ...frame }: Frame & { height: number },
) {
  const cells = shown.flatMap((row) => {
    const { sourced, influencedOnly, other } = parts(row);
    const values = { sourced, influenced: influencedOnly, other };
    return kinds.map(({ kind }) => ({ month: row.month, kind, value: geometry(values[kind]) / scale.divisor }));
  });
  const labels = endLabels(
    cells.filter(({ month: at }) => at === shown.at(-1)?.month),
    scale.top,
    height - 48,
  );
  return plot({
    ...frame,
    height,
    marginTop: 12,
    marginBottom: 36,
    x: { domain: places, padding: 0.26, label: null },
    y: { domain: [Math.min(0, scale.bottom), scale.top], label: null },
    color: { domain: kinds.map(({ kind }) => kind), range: kinds.map(({ colour }) => colour) },
    marks: [
      ruleY(
        scale.ticks.filter((tick) => tick !== 0),
        { stroke: 'var(--grid)' },
      ),
      axisY(scale.ticks, { tickSize: 0, fontSize: 12, color: 'var(--faint)', tickFormat: scale.format, label: null }),
      axisX(ticks, {
        tickSize: 0,
        fontSize: 12,
        color: 'var(--faint)',
        tickFormat: (at: string) => tickText(at, ticks),
        label: null,
      }),
      barY(cells, {
        x: 'month',
        y: 'value',
        fill: 'kind',
        order: ['sourced', 'influenced', 'other'],
        title: (cell: (typeof cells)[number]) => `${monthText(cell.month)}: ${cell.kind}`,
      }),
      ruleY([0], { stroke: 'var(--line)' }),
      text(labels, {
        x: () => shown.at(-1)?.month,
        y: 'at',
        text: 'kind',
        dx: 14,
        textAnchor: 'start',
        fontSize: 12,
        fontWeight: 550,
        fill: 'var(--ink)',
      }),
    ],
  });
}

/** Labels beside the last bar's parts, at least a line of text apart. */
function endLabels(cells: readonly { kind: string; value: number }[], top: number, height: number) {
  const gap = (14 / height) * top;
  let base = 0;
  let lowest = -Infinity;
  return cells.map(({ kind, value }) => {
    const at = Math.max(base + value / 2, lowest + gap);
    base += value;
    lowest = at;
    return { kind, at };
  });
}

/** The month, and below the first label of a year that year. */
function tickText(month: string, ticks: readonly string[]): string {
  const first = ticks.find((tick) => tick.slice(0, 4) === month.slice(0, 4));
  return month === first ? `${shortMonth(month)}\n${month.slice(0, 4)}` : shortMonth(month);
}

/** Which months get a label: as many as fit. */
function monthTicks(places: readonly string[], width: number): string[] {
  const room = width / places.length;
  const every = room > 38 ? 1 : room > 24 ? 2 : 4;
  return places.filter((_, index) => (places.length - 1 - index) % every === 0);
}
