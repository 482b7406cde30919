// From partner to active partner: how many have come how far. The steps need not follow one another.
import type { ActivationRow } from './answers.js';
import { chart } from './chart.js';
import { integerText, percentText, perMille } from './format.js';
import { axisY, barX, plot, text } from './plot.js';

interface Step {
  readonly label: string;
  readonly count: number;
  readonly share: string;
}

export function activationFunnel(partners: readonly ActivationRow[]): HTMLElement {
  const steps = stepsOf(partners);
  return chart({
    title: 'How far partners have come',
    subtitle: 'activated: a first registration accepted, deal, or paid invoice; training alone is none',
    summary: `Bars: ${steps.map(({ label, count }) => `${label} ${count}`).join(', ')}.`,
    rows: partners.length ? steps : [],
    columns: [
      { label: 'Step', value: ({ label }) => label },
      { label: 'Partners', align: 'right', value: ({ count }) => integerText(count) },
      { label: 'Share', align: 'right', value: ({ share }) => share },
    ],
    empty: 'There is no partner yet. Check that a source delivers the stream partners.',
    draw: (width) => draw(steps, width),
  });
}

function stepsOf(partners: readonly ActivationRow[]): Step[] {
  const step = (label: string, has: (partner: ActivationRow) => boolean): Step => {
    const count = partners.filter(has).length;
    return { label, count, share: percentText(perMille(BigInt(count), BigInt(partners.length))) };
  };
  return [
    step('Partners', () => true),
    step('Onboarding completed', ({ onboarding_completed_at }) => onboarding_completed_at !== null),
    step('Activated', ({ first_event_at }) => first_event_at !== null),
    step('First deal', ({ first_deal_at }) => first_deal_at !== null),
    step('Active in the last 90 days', ({ is_active }) => is_active),
  ];
}

function draw(steps: readonly Step[], width: number): Element {
  return plot({
    width,
    height: steps.length * 34 + 8,
    marginLeft: width < 480 ? 158 : 172,
    marginRight: 96,
    marginTop: 2,
    marginBottom: 6,
    x: { axis: null, domain: [0, steps[0]?.count || 1] },
    y: { domain: steps.map(({ label }) => label), label: null, padding: 0.34 },
    marks: [
      axisY({ tickSize: 0, fontSize: 13, color: 'var(--ink)', label: null }),
      barX(steps, {
        x: 'count',
        y: 'label',
        fill: ({ label }: Step) => (label === 'Partners' ? 'var(--other)' : 'var(--partner)'),
      }),
      text(steps, {
        y: 'label',
        x: 'count',
        text: ({ count, share, label }: Step) =>
          label === 'Partners' ? integerText(count) : `${integerText(count)} · ${share}`,
        dx: 8,
        textAnchor: 'start',
        fontSize: 13,
        fill: 'var(--ink)',
      } as never),
    ],
  });
}
