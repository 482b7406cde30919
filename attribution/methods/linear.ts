// Every touch the same.
import type { Method } from './method.ts';

export const linear: Method = {
  name: 'linear',
  prepare: () => (journey, weights) => {
    weights.fill(1, 0, journey.touchCount);
  },
};
