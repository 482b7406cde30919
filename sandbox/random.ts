// Seeded random numbers: the same seed and stream give the same sequence on every machine, in every order of use.

export type Random = {
  /** In [0, 1). */
  next(): number;
  /** A whole number from low to high, both inclusive. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Roughly normal: mean 0, standard deviation 1, never beyond ±6. */
  normal(): number;
};

/** An independent sequence for (seed, stream); a stream is one account, one partner list, one rate series. */
export function createRandom(seed: number, stream: number): Random {
  const next = sequence(seed, stream);
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    normal: () => {
      let sum = -6;
      for (let draw = 0; draw < 12; draw++) sum += next();
      return sum;
    },
  };
}

/** sfc32 (PractRand), started from (seed, stream) and run 12 rounds so that near seeds part ways. */
function sequence(seed: number, stream: number): () => number {
  let a = seed | 0;
  let b = stream | 0;
  let c = (0x9e3779b9 ^ (stream / 4294967296)) | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** The index of the first cumulative weight above `at` × the total. */
export function indexOfShare(cumulative: readonly number[], at: number): number {
  const target = at * cumulative[cumulative.length - 1]!;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
