// Partners × methods: the chosen method's amount as a dot on the range from the lowest to the highest method. Where the
// methods agree the range is short. A partner opens to its deals.
import { html, svg } from 'htl';
import type { PartyCredit } from './credit.js';
import { amount } from './figure.js';
import { capitalised, type Money, motionText, words } from './format.js';
import { geometry } from './money.js';
import { openRow } from './open-row.js';
import { amountScale } from './scale.js';
import { table } from './table.js';

export interface MethodRangeOptions {
  readonly parties: readonly PartyCredit[];
  readonly methods: readonly string[];
  readonly method: string;
  readonly currency: string;
  readonly caption: string;
  readonly empty: string;
  /** The rows below an opened partner. */
  readonly open: (party: PartyCredit) => Promise<Node>;
}

export function methodRange(options: MethodRangeOptions): HTMLElement {
  const { parties, methods, method, currency, caption, empty } = options;
  const values = parties.flatMap(({ amounts }) => methods.map((name) => geometry(amounts.get(name))));
  const scale = amountScale(values, 4);
  const place = (value: number) => ((value / scale.divisor - scale.bottom) / (scale.top - scale.bottom)) * 100;
  return table({
    caption,
    rows: parties,
    rowId: ({ party_id }) => party_id,
    first: 25,
    empty,
    columns: [
      { label: 'Partner', value: (party) => opener(party, options) },
      {
        label: html.fragment`<span class="only-read">Range of all methods</span><span class="range-unit">${currency} ${scale.unit}</span><span class="range-head" aria-hidden="true">${axis(scale, place)}</span>`,
        value: ({ amounts }) => range({ amounts, methods, method, place, zero: place(0) }),
      },
      {
        label: `${capitalised(words(method))}, ${currency}`,
        align: 'right',
        value: ({ amounts, explain }) => amount(amounts.get(method), explain.get(method)),
      },
      {
        label: 'Sourced',
        align: 'right',
        isWide: true,
        value: ({ sourced, month_explain_id }) => amount(sourced, month_explain_id),
      },
      {
        label: 'Influenced',
        align: 'right',
        isWide: true,
        value: ({ influenced, month_explain_id }) => amount(influenced, month_explain_id),
      },
    ],
  });
}

interface RangeOptions {
  readonly amounts: ReadonlyMap<string, Money>;
  readonly methods: readonly string[];
  readonly method: string;
  readonly place: (value: number) => number;
  readonly zero: number;
}

function range({ amounts, methods, method, place, zero }: RangeOptions): Node {
  const at = methods.map((name) => ({ name, x: place(geometry(amounts.get(name))) }));
  const [low, high] = [Math.min(...at.map(({ x }) => x)), Math.max(...at.map(({ x }) => x))];
  const chosen = at.find(({ name }) => name === method)?.x ?? low;
  const others = at.filter(({ name }) => name !== method);
  return svg`<svg class="range" width="100%" height="16" aria-hidden="true">
    <line class="zero" x1="${zero}%" x2="${zero}%" y1="0" y2="16"></line>
    <line class="span" x1="${low}%" x2="${high}%" y1="8" y2="8"></line>
    ${others.map(({ name, x }) => svg`<circle class="method" cx="${x}%" cy="8" r="2.6"><title>${words(name)}</title></circle>`)}
    <circle class="chosen" cx="${chosen}%" cy="8" r="5"></circle></svg>`;
}

function axis(scale: ReturnType<typeof amountScale>, place: (value: number) => number): Node[] {
  return scale.ticks.map((tick) => html`<i style=${`left:${place(tick * scale.divisor)}%`}>${scale.format(tick)}</i>`);
}

function opener(party: PartyCredit, { open }: MethodRangeOptions): Node {
  return html.fragment`${openRow(party.name, () => open(party))}<span class="aside">${motionText(party.motion)}</span>`;
}
