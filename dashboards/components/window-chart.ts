// What partners would have sourced and influenced by the length of the windows; what is published as a dashed line.
import { chart } from './chart.js';
import { geometry } from './money.js';
import { axisX, axisY, dot, lineY, plot, ruleY, text } from './plot.js';
import { amountScale } from './scale.js';
import { windowColumns } from './window-table.js';
import type { WindowRevenue } from './windows.js';

export interface WindowChartOptions {
  readonly windows: readonly WindowRevenue[];
  readonly basis: string;
  readonly currency: string;
  /** `12 months to October 2026`. */
  readonly span: string;
}

const lines = [
  { name: 'sourced', colour: 'var(--partner)' },
  { name: 'influenced', colour: 'var(--partner-soft)' },
] as const;

type Line = (typeof lines)[number];

export function windowChart({ windows, basis, currency, span }: WindowChartOptions): HTMLElement {
  const others = windows.filter(({ is_configured }) => !is_configured);
  const own = windows.find(({ is_configured }) => is_configured);
  const hasMoney = windows.some(({ sourced, influenced }) => geometry(sourced) !== 0 || geometry(influenced) !== 0);
  const scale = amountScale(windows.flatMap(({ sourced, influenced }) => [geometry(sourced), geometry(influenced)]));
  return chart({
    title: `${basis.charAt(0).toUpperCase()}${basis.slice(1)} revenue by the length of the windows`,
    subtitle: `${currency} ${scale.unit}, ${span}; dashed: what is published, under our own windows`.replace(' ,', ','),
    summary: `Two lines over windows of ${others.map(({ window_days }) => window_days).join(', ')} days: revenue that partners would have sourced, and influenced; dashed, what is published.`,
    rows: hasMoney ? windows : [],
    columns: windowColumns(currency),
    empty: `No partner sourced or influenced ${basis} revenue in the ${span} under any window. Choose another month or basis.`,
    draw: (width) => draw({ others, own, scale, width }),
  });
}

interface Drawing {
  readonly others: readonly WindowRevenue[];
  readonly own: WindowRevenue | undefined;
  readonly scale: ReturnType<typeof amountScale>;
  readonly width: number;
}

function draw({ others, own, scale, width }: Drawing): Element {
  const size = (revenue: WindowRevenue, { name }: Line) => geometry(revenue[name]) / scale.divisor;
  return plot({
    width,
    height: 250,
    marginLeft: 46,
    marginRight: 84,
    marginTop: 14,
    marginBottom: 40,
    x: { type: 'point', domain: others.map(({ window_days }) => window_days), padding: 0.3, label: null },
    y: { domain: [Math.min(0, scale.bottom), scale.top], label: null },
    marks: [
      ruleY(
        scale.ticks.filter((tick) => tick !== 0),
        { stroke: 'var(--grid)' },
      ),
      ruleY([0], { stroke: 'var(--line)' }),
      axisY(scale.ticks, { tickSize: 0, fontSize: 12, color: 'var(--faint)', tickFormat: scale.format, label: null }),
      axisX({
        tickSize: 0,
        fontSize: 12,
        color: 'var(--faint)',
        tickFormat: (days: number) => `${days} d`,
        label: 'days of lookback, and of the window of partner leads',
        labelAnchor: 'center',
        labelArrow: 'none',
      }),
      ...lines.flatMap((line) => [
        own ? ruleY([size(own, line)], { stroke: line.colour, strokeDasharray: '4 4' }) : null,
        lineY(others, {
          x: 'window_days',
          y: (revenue: WindowRevenue) => size(revenue, line),
          stroke: line.colour,
          strokeWidth: 2,
        }),
        dot(others, {
          x: 'window_days',
          y: (revenue: WindowRevenue) => size(revenue, line),
          r: 3.4,
          fill: line.colour,
        }),
      ]),
      text(endLabels(others.at(-1), size, scale.top), {
        x: () => others.at(-1)?.window_days,
        y: 'at',
        text: 'name',
        dx: 20,
        textAnchor: 'start',
        fontSize: 12,
        fontWeight: 550,
        fill: 'var(--ink)',
      }),
    ],
  });
}

/** The lines' names at their ends, at least a line of text apart. */
function endLabels(last: WindowRevenue | undefined, size: (of: WindowRevenue, line: Line) => number, top: number) {
  if (!last) return [];
  let lowest = -Infinity;
  return lines
    .map((line) => ({ name: line.name, at: size(last, line) }))
    .sort((left, right) => left.at - right.at)
    .map(({ name, at }) => {
      lowest = Math.max(at, lowest + top * 0.08);
      return { name, at: lowest };
    });
}
