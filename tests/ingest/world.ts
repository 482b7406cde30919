// A world that stands still: sleeping moves its clock at once, and chance is a seeded sequence.
import type { World } from '../../ingest/connector.ts';

export type StillWorld = World & {
  /** Every sleep so far, in milliseconds. */
  readonly slept: number[];
  advance(milliseconds: number): void;
};

export function stillWorld({
  now = Date.UTC(2026, 0, 31),
  random = () => 0.5,
}: {
  now?: number;
  random?: () => number;
} = {}): StillWorld {
  let clock = now;
  const slept: number[] = [];
  return {
    slept,
    now: () => clock,
    random,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      clock += milliseconds;
    },
    advance(milliseconds) {
      clock += milliseconds;
    },
  };
}
