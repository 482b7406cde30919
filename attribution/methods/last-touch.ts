// All credit to the last touch of the journey.
import type { Method } from './method.ts';

export const lastTouch: Method = {
  name: 'last_touch',
  prepare: () => (journey, weights) => {
    weights.fill(0, 0, journey.touchCount);
    weights[journey.touchCount - 1] = 1;
  },
};
