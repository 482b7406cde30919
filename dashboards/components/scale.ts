// Axes of money: a unit that keeps labels short, round ticks, a top above the largest bar.

export interface AmountScale {
  /** `thousand`, `million`, or empty. */
  readonly unit: string;
  readonly divisor: number;
  readonly ticks: readonly number[];
  readonly bottom: number;
  readonly top: number;
  readonly format: (tick: number) => string;
}

/** For amounts in major units. */
export function amountScale(values: readonly number[], count = 5): AmountScale {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const largest = Math.max(high, -low);
  const [divisor, unit] = largest >= 2e6 ? [1e6, 'million'] : largest >= 2e3 ? [1e3, 'thousand'] : [1, ''];
  const step = roundStep(((high - low) / divisor || 1) / count);
  const first = Math.floor(low / divisor / step) * step;
  const ticks: number[] = [];
  for (let tick = first; tick <= high / divisor + step * 1e-6; tick += step) ticks.push(Number(tick.toPrecision(12)));
  const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
  return {
    unit,
    divisor,
    ticks,
    bottom: low / divisor,
    top: high / divisor || 1,
    format: (tick) => format.format(tick).replace('-', '−'),
  };
}

/** 1, 2 or 5 times a power of ten, near the given width. */
function roundStep(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  return ([1, 2, 5, 10].find((factor) => factor * power >= width * 0.8) ?? 10) * power;
}
