// The roll-forward as a waterfall, lying on its side: each step begins where the last one ended.
import { chart } from './chart.js';
import { amount } from './figure.js';
import { groupDigits, type Money, monthText } from './format.js';
import { geometry, minor } from './money.js';
import { axisX, axisY, barX, link, plot, ruleX, text } from './plot.js';
import { movements, type Roll } from './roll-forward.js';
import { amountScale } from './scale.js';

interface Step {
  readonly label: string;
  readonly amount: Money;
  readonly kind: 'balance' | 'more' | 'less' | 'paid';
  readonly from: number;
  readonly to: number;
}

export function waterfall(roll: Roll | undefined, month: string): HTMLElement {
  const steps = roll ? stepsOf(roll) : [];
  const scale = amountScale(steps.flatMap(({ from, to }) => [from, to]));
  return chart({
    title: `From opening to closing, ${monthText(month)}`,
    subtitle: roll ? `${roll.currency} ${scale.unit}, all partners`.replace(' ,', ',') : '',
    summary: roll
      ? `Waterfall from ${roll.opening.amount} ${roll.currency} at the start to ${roll.closing.amount} at the end of the month.`
      : '',
    rows: steps,
    columns: [
      { label: 'Step', value: ({ label }) => label },
      { label: roll?.currency ?? '', align: 'right', value: (step) => amount(step.amount, `liability/${month}`) },
    ],
    empty: `Nobody is owed anything in ${monthText(month)}: no plan has earned commission yet. Choose a later month, or check that agreements and payments were loaded.`,
    draw: (width) => draw(steps, scale, width),
  });
}

/** Opening, every movement that is not zero, closing. */
function stepsOf({ opening, closing, fx, moved }: Roll): Step[] {
  let at = geometry(opening);
  const steps: Step[] = [{ label: 'Opening', amount: opening, kind: 'balance', from: 0, to: at }];
  const changes = [
    ...movements.map(({ name, label }) => ({ label, amount: moved.get(name) })),
    { label: 'FX', amount: fx ?? undefined },
  ];
  for (const { label, amount: change } of changes) {
    if (!change || minor(change) === 0n) continue;
    const to = at + geometry(change);
    steps.push({
      label,
      amount: change,
      kind: label === 'Paid' ? 'paid' : minor(change) > 0n ? 'more' : 'less',
      from: at,
      to,
    });
    at = to;
  }
  return [...steps, { label: 'Closing', amount: closing, kind: 'balance', from: 0, to: geometry(closing) }];
}

function draw(steps: readonly Step[], scale: ReturnType<typeof amountScale>, width: number): Element {
  const size = (value: number) => value / scale.divisor;
  const colours = {
    balance: 'var(--other-ink)',
    more: 'var(--partner)',
    less: 'var(--warning)',
    paid: 'var(--partner-soft)',
  };
  const joints = steps
    .slice(0, -1)
    .map((step, index) => ({ at: size(step.to), from: step.label, to: steps[index + 1]?.label }));
  return plot({
    width,
    height: steps.length * 30 + 34,
    marginLeft: width < 480 ? 92 : 112,
    marginRight: 112,
    marginTop: 4,
    marginBottom: 26,
    x: { domain: [Math.min(0, scale.bottom), scale.top], label: null },
    y: { domain: steps.map(({ label }) => label), label: null, padding: 0.3 },
    marks: [
      ruleX(scale.ticks, { stroke: 'var(--grid)' }),
      axisX(width < 480 ? scale.ticks.filter((_, index) => index % 2 === 0) : scale.ticks, {
        tickSize: 0,
        fontSize: 12,
        color: 'var(--faint)',
        tickFormat: scale.format,
        label: null,
      }),
      axisY({ tickSize: 0, fontSize: 13, color: 'var(--ink)', label: null }),
      barX(steps, {
        x1: (step: Step) => size(step.from),
        x2: (step: Step) => size(step.to),
        y: 'label',
        fill: (step: Step) => colours[step.kind],
      }),
      link(joints, { x1: 'at', x2: 'at', y1: 'from', y2: 'to', stroke: 'var(--faint)', strokeWidth: 0.8 }),
      text(steps, {
        y: 'label',
        frameAnchor: 'right',
        text: (step: Step) => valueText(step),
        dx: 108,
        textAnchor: 'end',
        fontSize: 13,
        fontWeight: (step: Step) => (step.kind === 'balance' ? 650 : 450),
        fill: 'var(--ink)',
      } as never),
    ],
  });
}

function valueText({ amount: { amount: text_ }, kind }: Step): string {
  const { whole, decimals } = groupDigits(text_);
  return (kind === 'more' ? '+' : '') + whole + decimals;
}
