// A deal's journey: a lane per party on an axis of time, the window shaded, lead, creation and close as lines, touches as
// marks. Touches that do not count are hollow; the list below says why.
import { html } from 'htl';
import type { JourneyAnswer } from './answers.js';
import { chart } from './chart.js';
import { partyName } from './deal-tables.js';
import { explainHref } from './figure.js';
import { dayText, percentText, perMille, sentence, words } from './format.js';
import { axisX, axisY, barX, dot, plot, ruleX, text } from './plot.js';
import { release } from './release.js';
import { table } from './table.js';

type Touch = JourneyAnswer['touches'][number];

const WHOLE = 1_000_000_000;
/** A touch that counts but earns nothing can still be seen; one that earns all stays within its lane. */
const [RADIUS_MIN, RADIUS_MAX] = [3, 11];

export function journeyChart(journey: JourneyAnswer, method: string): HTMLElement {
  const { touches, sourcing } = journey;
  const counted = touches.filter(({ is_counted }) => is_counted).length;
  const hidden = touches.length - shownTouches(journey).length;
  const rest = hidden ? `; ${hidden} far outside the window are only in the list` : '';
  const flag = sourcing ? `; the triangle marks the evidence that sourced it` : '';
  return chart({
    title: 'Who touched this deal, and when',
    subtitle: `filled marks count, the larger the more under ${words(method)}; hollow ones do not; shaded: the window${flag}${rest}`,
    summary: `${touches.length} touches of ${lanes(journey, method).length} parties, ${counted} of them count. The list of touches below has each with its reason.`,
    rows: touches,
    columns: touchColumns(method),
    empty:
      'No touch of this account is known. Check on the trust page that touchpoints, leads and activities are loaded.',
    draw: (width) => draw(journey, method, width),
  });
}

export function touchTable({ touches, next_cursor }: JourneyAnswer, method: string): HTMLElement {
  const rows = table({
    caption: 'Touches in order of time',
    rows: touches,
    columns: touchColumns(method),
    first: 20,
    empty: 'No touch of this account is known.',
  });
  return next_cursor
    ? html`<div>${rows}<p class="proof">Only the first ${touches.length} are shown; the API pages through all.</p></div>`
    : rows;
}

function touchColumns(method: string) {
  const { time_zone } = release();
  return [
    {
      label: 'When',
      value: ({ occurred_at, explain_id }: Touch) =>
        html`<a class="nowrap" href=${explainHref(explain_id)}>${dayText(occurred_at, time_zone)}</a>`,
    },
    {
      label: 'Who',
      value: ({ party_name, party_id, party_kind }: Touch) => partyName(party_name ?? party_id, party_kind),
    },
    { label: 'What', isWide: true, value: ({ kind, channel }: Touch) => words(kind ?? channel) },
    {
      label: 'Counts',
      align: 'right' as const,
      value: ({ is_counted, reason, weights }: Touch) =>
        is_counted
          ? percentText(perMille(BigInt(weights?.[method] ?? 0), BigInt(WHOLE)))
          : html`<span class="warning">no: ${words(reason)}</span>`,
    },
  ];
}

/** The window with a margin of a quarter on both sides: what is years away would press it flat. */
function shownTouches({ touches, window_starts_at, closed_at }: JourneyAnswer): readonly Touch[] {
  if (!window_starts_at) return touches;
  const [start, end] = [Date.parse(window_starts_at), Date.parse(closed_at ?? release().as_of)];
  const margin = (end - start) / 4;
  return touches.filter(({ occurred_at, is_counted }) => {
    const at = Date.parse(occurred_at);
    return is_counted || (at >= start - margin && at <= end + margin);
  });
}

/** Parties in the order of their first touch, each with its weight under the method. */
function lanes(journey: JourneyAnswer, method: string): { id: string; label: string }[] {
  const { weights } = journey;
  return [...new Map(shownTouches(journey).map((touch) => [`${touch.party_kind}/${touch.party_id}`, touch]))].map(
    ([id, touch]) => {
      const own = weights.find(({ party_kind, party_id }) => `${party_kind}/${party_id}` === id);
      const share = own ? ` ${percentText(perMille(BigInt(own.weights[method] ?? 0), 1_000_000_000n))}` : '';
      const name = touch.party_name ?? touch.party_id;
      return { id, label: (touch.party_kind === 'partner' ? name : sentence(name)) + share };
    },
  );
}

function draw(journey: JourneyAnswer, method: string, width: number): Element {
  const rows = lanes(journey, method);
  const labels = new Map(rows.map(({ id, label }) => [id, label]));
  const points = shownTouches(journey).map((touch) => ({
    ...touch,
    at: new Date(touch.occurred_at),
    lane: `${touch.party_kind}/${touch.party_id}`,
  }));
  const colour = ({ party_kind }: { party_kind: string }) =>
    party_kind === 'partner' ? 'var(--partner)' : 'var(--other-ink)';
  const weightOf = (touch: Touch) => touch.weights?.[method] ?? 0;
  const radius = (touch: Touch) => RADIUS_MIN + (RADIUS_MAX - RADIUS_MIN) * Math.sqrt(weightOf(touch) / WHOLE);
  const said = (touch: Touch) => touchText(touch, weightOf(touch));
  const events = milestones(journey);
  const isNarrow = width < 560;
  const evidence = journey.sourcing && {
    at: new Date(journey.sourcing.evidence_at),
    lane: `partner/${journey.sourcing.partner_id}`,
  };
  const start = journey.window_starts_at ? new Date(journey.window_starts_at) : points[0]?.at;
  const end = journey.closed_at ?? release().as_of;
  return plot({
    width,
    height: 66 + rows.length * (isNarrow ? 40 : 28),
    marginLeft: isNarrow ? 6 : 214,
    marginRight: 16,
    marginTop: 36,
    marginBottom: 28,
    x: { type: 'time', label: null },
    y: { domain: rows.map(({ id }) => id), label: null, padding: 0.12, ...(isNarrow ? { axis: null } : {}) },
    marks: [
      barX(rows, { x1: () => start, x2: () => new Date(end), y: 'id', fill: 'var(--grid)' }),
      ruleX(events, { x: 'at', stroke: 'var(--faint)', strokeDasharray: '2,3' }),
      ...[-10, -24].map((dy) =>
        text(
          events.filter(({ row }) => row === dy),
          { x: 'at', text: 'label', frameAnchor: 'top', dy, fontSize: 12, fill: 'var(--soft)' },
        ),
      ),
      axisX({ ticks: isNarrow ? 4 : 8, tickSize: 0, fontSize: 12, color: 'var(--faint)', label: null }),
      isNarrow
        ? text(rows, {
            y: 'id',
            text: 'label',
            frameAnchor: 'left',
            dx: 2,
            dy: -12,
            textAnchor: 'start',
            fontSize: 12,
            fill: 'var(--soft)',
          })
        : axisY({
            tickSize: 0,
            fontSize: 12.5,
            color: 'var(--ink)',
            tickFormat: (id: string) => labels.get(id) ?? id,
            label: null,
          }),
      dot(
        points.filter(({ is_counted }) => !is_counted),
        { x: 'at', y: 'lane', r: 4, title: said, stroke: colour, fill: 'var(--ground)', strokeWidth: 1.4 },
      ),
      dot(
        points.filter(({ is_counted }) => is_counted),
        { x: 'at', y: 'lane', r: { value: radius, scale: null }, title: said, fill: colour, stroke: 'var(--ground)' },
      ),
      evidence && rows.some(({ id }) => id === evidence.lane)
        ? dot([evidence], {
            x: 'at',
            y: 'lane',
            dy: -11,
            r: 4,
            symbol: 'triangle',
            rotate: 180,
            fill: 'var(--partner)',
          })
        : null,
    ],
  });
}

function touchText(
  { occurred_at, party_name, party_id, kind, channel, is_counted, reason }: Touch,
  parts: number,
): string {
  const verdict = is_counted
    ? `counts, ${percentText(perMille(BigInt(parts), BigInt(WHOLE)))}`
    : `does not count: ${words(reason)}`;
  return `${dayText(occurred_at, release().time_zone)}, ${party_name ?? party_id}, ${words(kind ?? channel)}: ${verdict}`;
}

/** Lead, creation and close. Labels that would collide step up a line. */
function milestones({ lead_created_at, created_at, closed_at, state }: JourneyAnswer) {
  const all = [
    { at: lead_created_at, label: 'lead' },
    { at: created_at, label: 'created' },
    { at: closed_at, label: state === 'open' ? 'expected close' : state },
  ];
  return all.flatMap(({ at, label }, index) => (at ? [{ at: new Date(at), label, row: index % 2 ? -10 : -24 }] : []));
}
