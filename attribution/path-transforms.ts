// What is kept of a journey before any method sees it (domain.md §6; names and meaning after snowplow-attribution,
// whose `unique_path` takes every touch as unique and so keeps the path as it is).
import type { Config } from '../core/config.ts';
import type { Journey } from './methods/method.ts';

export type PathTransform = Config['attribution']['path_transform'];

/** Drops touches of a journey in place. */
export type Transform = (journey: Journey) => void;

export const pathTransforms: Readonly<Record<PathTransform, Transform>> = {
  none: () => undefined,
  unique: () => undefined,
  exposure: (journey) => keep(journey, (touch) => journey.party_index[touch] !== journey.party_index[touch - 1]),
  first: (journey) => {
    const seen = new Set<number>();
    keep(journey, (touch) => seen.size !== seen.add(journey.party_index[touch]!).size);
  },
};

/** Moves the kept touches to the front. `wanted` is asked in order, before its touch or any later one has moved. */
function keep(journey: Journey, wanted: (touch: number) => boolean): void {
  const kept: number[] = [];
  for (let touch = 0; touch < journey.touchCount; touch++) if (wanted(touch)) kept.push(touch);
  for (const [place, touch] of kept.entries()) {
    journey.occurred_us[place] = journey.occurred_us[touch]!;
    journey.party_index[place] = journey.party_index[touch]!;
    journey.kind_index[place] = journey.kind_index[touch]!;
    journey.place[place] = journey.place[touch]!;
  }
  journey.touchCount = kept.length;
}
