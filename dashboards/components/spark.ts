// A sparkline: the shape of a series beside its figure, for the eye only; the figures stand in tables. One value has no shape.
import { svg } from 'htl';

export function sparkline(
  values: readonly number[],
  { width = 96, height = 18 }: { width?: number; height?: number } = {},
): SVGElement | string {
  if (values.length < 2) return '';
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = high - low || 1;
  const step = (width - 4) / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => [2 + index * step, height - 2 - ((value - low) / span) * (height - 4)] as const,
  );
  const [lastX, lastY] = points.at(-1) ?? [0, 0];
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L');
  return svg`<svg class="spark" width=${width} height=${height} viewBox="0 0 ${width} ${height}" aria-hidden="true">
    <path d="M${path}" fill="none" stroke="var(--partner)" stroke-width="1.4" stroke-linejoin="round"></path>
    <circle cx=${lastX} cy=${lastY} r="1.9" fill="var(--partner)"></circle></svg>`;
}
