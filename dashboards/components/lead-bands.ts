// How long partner leads waited for a first response: a bar per band of time, those that still wait on top.
import type { LeadBandRow } from './answers.js';
import { chart } from './chart.js';
import { integerText } from './format.js';
import { axisX, barY, plot, ruleY, text } from './plot.js';

const kinds = [
  { name: 'responded_count', colour: 'var(--partner)' },
  { name: 'waiting_count', colour: 'var(--warning)' },
] as const;

export function leadBands(bands: readonly LeadBandRow[]): HTMLElement {
  const total = (name: (typeof kinds)[number]['name']) => bands.reduce((sum, band) => sum + band[name], 0);
  const hasLeads = total('responded_count') + total('waiting_count') > 0;
  return chart({
    title: 'How long partner leads waited for our first response',
    subtitle: `leads by time to the response; ${integerText(total('waiting_count'))} without one, on top in orange, by their age`,
    summary: `Bars of leads by time to the first response, in ${bands.length} bands from under 15 minutes to more than 7 days.`,
    rows: hasLeads ? bands : [],
    columns: [
      { label: 'Time', value: bandText },
      { label: 'Answered', align: 'right', value: ({ responded_count }) => integerText(responded_count) },
      { label: 'Waiting', align: 'right', value: ({ waiting_count }) => integerText(waiting_count) },
    ],
    empty: 'No partner has submitted a lead. Check that a source delivers the stream leads.',
    draw: (width) => draw(bands, width),
  });
}

function draw(bands: readonly LeadBandRow[], width: number): Element {
  const cells = bands.flatMap((band) =>
    kinds.map(({ name, colour }) => ({ band: bandText(band), count: band[name], colour })),
  );
  return plot({
    width,
    height: 230,
    marginLeft: 0,
    marginRight: 0,
    marginTop: 22,
    marginBottom: 26,
    x: { domain: bands.map(bandText), padding: 0.22, label: null },
    y: { axis: null },
    marks: [
      barY(cells, { x: 'band', y: 'count', fill: 'colour' }),
      ruleY([0], { stroke: 'var(--line)' }),
      axisX({
        tickSize: 0,
        fontSize: 12,
        color: 'var(--faint)',
        label: null,
        tickFormat: (band: string) =>
          width < 480 ? band.replace('under ', '< ').replace('over ', '> ').replace(' min', ' m') : band,
      }),
      text(bands, {
        x: bandText,
        y: ({ responded_count, waiting_count }: LeadBandRow) => responded_count + waiting_count,
        text: countText,
        dy: -9,
        fontSize: 12.5,
        fill: 'var(--ink)',
      } as never),
    ],
  });
}

function countText({ responded_count, waiting_count }: LeadBandRow): string {
  return integerText(responded_count + waiting_count);
}

/** `under 15 min`, `4–24 h`, `over 7 d`. */
function bandText({ from_minutes, to_minutes }: LeadBandRow): string {
  if (to_minutes === null) return `over ${inUnit(from_minutes, from_minutes)}`;
  if (from_minutes === 0) return `under ${inUnit(to_minutes, to_minutes)}`;
  const [from] = inUnit(from_minutes, to_minutes).split(' ');
  return `${from}–${inUnit(to_minutes, to_minutes)}`;
}

/** Minutes in the unit that `like` minutes are said in. */
function inUnit(minutes: number, like: number): string {
  if (like > 1440) return `${minutes / 1440} d`;
  return like > 60 ? `${minutes / 60} h` : `${minutes} min`;
}
