// Path transforms against the published paths.
import { expect, test } from 'vitest';
import type { Journey } from '../../attribution/methods/method.ts';
import { type PathTransform, pathTransforms } from '../../attribution/path-transforms.ts';

function transformed(transform: PathTransform, path: string): string {
  const names = path.split('>');
  const parties = [...new Set(names)];
  const journey: Journey = {
    touchCount: names.length,
    occurred_us: Float64Array.from(names, (_, touch) => touch),
    party_index: Int32Array.from(names, (name) => parties.indexOf(name)),
    kind_index: new Int32Array(names.length),
    place: Int32Array.from(names.keys()),
    lead_created_us: 0,
    created_us: 0,
  };
  pathTransforms[transform](journey);
  return Array.from({ length: journey.touchCount }, (_, touch) => parties[journey.party_index[touch]!]).join('>');
}

test.each<[PathTransform, string]>([
  ['exposure', 'a>Direct>a>Direct'],
  ['first', 'a>Direct'],
  ['unique', 'a>a>a>Direct>a>Direct>Direct'],
  ['none', 'a>a>a>Direct>a>Direct>Direct'],
])('snowplow-attribution (ground-truth 2): %s of a>a>a>Direct>a>Direct>Direct is %s', (transform, expected) => {
  expect(transformed(transform, 'a>a>a>Direct>a>Direct>Direct')).toBe(expected);
});

test('a repeat keeps its first touch', () => {
  const journey: Journey = {
    touchCount: 3,
    occurred_us: Float64Array.of(10, 20, 30),
    party_index: Int32Array.of(4, 4, 5),
    kind_index: Int32Array.of(7, 8, 9),
    place: Int32Array.of(0, 1, 2),
    lead_created_us: 0,
    created_us: 0,
  };
  pathTransforms.exposure(journey);
  expect([...journey.occurred_us.subarray(0, journey.touchCount)]).toEqual([10, 30]);
  expect([...journey.kind_index.subarray(0, journey.touchCount)]).toEqual([7, 9]);
  expect([...journey.place.subarray(0, journey.touchCount)]).toEqual([0, 2]);
});
