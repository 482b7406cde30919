// All credit to the first touch of the journey.
import type { Method } from './method.ts';

export const firstTouch: Method = {
  name: 'first_touch',
  prepare: () => (journey, weights) => {
    weights.fill(0, 0, journey.touchCount);
    weights[0] = 1;
  },
};
