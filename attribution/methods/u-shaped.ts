// 40 to the first touch, 40 to the last, 20 shared by those between; one touch 100, two touches 50 and 50 (domain.md §6).
import type { Method } from './method.ts';

export const uShaped: Method = {
  name: 'u_shaped',
  prepare: () => (journey, weights) => {
    const last = journey.touchCount - 1;
    const between = Math.max(last - 1, 0);
    weights.fill(1, 0, journey.touchCount);
    // 40 : 20/between = 2 × between : 1; without a middle both ends are equal
    if (between > 0) weights[0] = weights[last] = 2 * between;
  },
};
