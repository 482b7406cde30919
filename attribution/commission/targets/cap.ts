// Caps: lines of a pool in the order of their first accrual, each taking what room is left (fine-print 25).
import { atLeastZero, smaller } from '../../../core/money.ts';

/** What a capped line shows to its pool, and its place there. */
export interface Capped {
  /** The cap of the line's plan version; null where it has none. */
  readonly cap_minor: bigint | null;
  /** The target before the cap, net of clawback, in minor units. */
  target_minor: bigint;
  /** What the cap lets through. */
  payable_minor: bigint;
  /** Where its invoice line comes by first accrual, and which of that line's components it is. */
  readonly balance: { readonly accrued_place: number };
  readonly position: number;
  /** Position in the pool. */
  place: number;
  /** What the lines before it take; known while the pool is cut. */
  used_minor: bigint;
}

/** The lines of one partner and plan that share room: those of a customer, or of a period. */
export interface CapPool<Line extends Capped> {
  readonly lines: Line[];
  /** What lines take that come before all of these and are not held any more (fold-summary.ts). */
  readonly earlier_minor: bigint;
  /** Σ of the targets that are positive: while every cap holds it, no line is cut. */
  positive_minor: bigint;
  lowest_cap_minor: bigint | null;
  is_cut: boolean;
  /** Lines whose target changed since the pool was settled. */
  readonly moved: Line[];
}

export function newPool<Line extends Capped>(): CapPool<Line> {
  return { lines: [], earlier_minor: 0n, positive_minor: 0n, lowest_cap_minor: null, is_cut: false, moved: [] };
}

/** Puts a line behind those that accrued before it; another component of an earlier line comes with that line. */
export function join<Line extends Capped>(pool: CapPool<Line>, line: Line): void {
  const { lines } = pool;
  let place = lines.length;
  while (place > 0 && comesBefore(line, lines[place - 1]!)) place--;
  if (place === lines.length) lines.push(line);
  else lines.splice(place, 0, line);
  for (let behind = place; behind < lines.length; behind++) lines[behind]!.place = behind;
  const last = lines[place - 1];
  line.used_minor = last ? last.used_minor + last.payable_minor : pool.earlier_minor;
  const { lowest_cap_minor: lowest } = pool;
  if (line.cap_minor !== null && (lowest === null || line.cap_minor < lowest)) pool.lowest_cap_minor = line.cap_minor;
}

function comesBefore(left: Capped, right: Capped): boolean {
  const [first, second] = [left.balance.accrued_place, right.balance.accrued_place];
  return first < second || (first === second && left.position < right.position);
}

/** Gives a line a new target; `settle` decides what comes through. */
export function retarget<Line extends Capped>(pool: CapPool<Line>, line: Line, target_minor: bigint): void {
  pool.positive_minor += atLeastZero(target_minor) - atLeastZero(line.target_minor);
  line.target_minor = target_minor;
  pool.moved.push(line);
}

/**
 * Lets each line take min(target, room), in order, and reports the lines whose part changed with their part before. While
 * nothing is cut, only lines with a new target are looked at; in a pool that was cut before, those from the first of them on,
 * until the room that is left is what it was.
 */
export function settle<Line extends Capped>(
  pool: CapPool<Line>,
  report: (line: Line, before_minor: bigint) => void,
): void {
  const fits = pool.lowest_cap_minor === null || pool.positive_minor <= pool.lowest_cap_minor;
  if (fits) for (const line of pool.is_cut ? pool.lines : pool.moved) take(line, line.target_minor, report);
  else cut(pool, report);
  pool.is_cut = !fits;
  pool.moved.length = 0;
}

function cut<Line extends Capped>(
  { lines, earlier_minor, is_cut, moved }: CapPool<Line>,
  report: (line: Line, before_minor: bigint) => void,
): void {
  const first = is_cut ? moved.reduce((least, { place }) => Math.min(least, place), lines.length) : 0;
  const last = is_cut ? moved.reduce((most, { place }) => Math.max(most, place), 0) : lines.length;
  let used = first === 0 ? earlier_minor : lines[first]!.used_minor;
  for (let place = first; place < lines.length; place++) {
    const line = lines[place]!;
    if (place > last && line.used_minor === used) return;
    line.used_minor = used;
    take(line, partOf(line, used), report);
    used += line.payable_minor;
  }
}

function take<Line extends Capped>(line: Line, part: bigint, report: (line: Line, before_minor: bigint) => void): void {
  const before = line.payable_minor;
  line.payable_minor = part;
  if (part !== before) report(line, before);
}

/** A cap below what was already used leaves no room, and never a negative part. */
function partOf({ cap_minor, target_minor }: Capped, used_minor: bigint): bigint {
  if (cap_minor === null || target_minor <= 0n) return target_minor;
  return smaller(target_minor, atLeastZero(cap_minor - used_minor));
}
