// The company's own weight for each kind of touch; a kind it does not name earns nothing.
import type { Method } from './method.ts';

export const custom: Method = {
  name: 'custom',
  prepare: ({ attribution, kinds }) => {
    const ofKind = Float64Array.from(kinds, (kind) => attribution.custom?.weights[kind] ?? 0);
    return (journey, weights) => {
      for (let touch = 0; touch < journey.touchCount; touch++) weights[touch] = ofKind[journey.kind_index[touch]!]!;
    };
  },
};
