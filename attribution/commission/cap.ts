// Caps: lines of a pool in the order of their first accrual, each taking what room is left (fine-print 25).

/** What a capped line shows to its pool. */
export interface Capped {
  /** The cap of the line's plan version; null where it has none. */
  readonly cap_minor: bigint | null;
  /** The target before the cap, net of clawback, in minor units. */
  target_minor: bigint;
  /** What the cap lets through. */
  payable_minor: bigint;
}

/** The lines of one partner and plan that share room: those of a customer, or of a period. */
export interface CapPool<Line extends Capped> {
  readonly lines: Line[];
  /** Σ of the targets that are positive: while every cap holds it, no line is cut. */
  positive_minor: bigint;
  lowest_cap_minor: bigint | null;
  is_cut: boolean;
}

export function newPool<Line extends Capped>(): CapPool<Line> {
  return { lines: [], positive_minor: 0n, lowest_cap_minor: null, is_cut: false };
}

/** Puts a line behind those that accrued before it. */
export function join<Line extends Capped>(pool: CapPool<Line>, line: Line): void {
  pool.lines.push(line);
  const { lowest_cap_minor: lowest } = pool;
  if (line.cap_minor !== null && (lowest === null || line.cap_minor < lowest)) pool.lowest_cap_minor = line.cap_minor;
}

/** Gives a line a new target; `settle` decides what comes through. */
export function retarget<Line extends Capped>(pool: CapPool<Line>, line: Line, target_minor: bigint): void {
  pool.positive_minor += positive(target_minor) - positive(line.target_minor);
  line.target_minor = target_minor;
}

/**
 * Lets each line take min(target, room), in order, and reports the lines whose part changed with their part before.
 * `moved` are the lines whose target changed since the last call: only they are looked at while nothing is cut.
 */
export function settle<Line extends Capped>(
  pool: CapPool<Line>,
  moved: Iterable<Line>,
  report: (line: Line, before_minor: bigint) => void,
): void {
  const fits = pool.lowest_cap_minor === null || pool.positive_minor <= pool.lowest_cap_minor;
  let used = 0n;
  for (const line of fits && !pool.is_cut ? moved : pool.lines) {
    const part = fits ? line.target_minor : partOf(line, used);
    used += part;
    if (part === line.payable_minor) continue;
    const before = line.payable_minor;
    line.payable_minor = part;
    report(line, before);
  }
  pool.is_cut = !fits;
}

/** A cap below what was already used leaves no room, and never a negative part. */
function partOf({ cap_minor, target_minor }: Capped, used_minor: bigint): bigint {
  if (cap_minor === null || target_minor <= 0n) return target_minor;
  const room = positive(cap_minor - used_minor);
  return target_minor < room ? target_minor : room;
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
