// Credit in money: each deal's money split by its published weights, summed per month, basis, method, party and currency
// (fine-print 14). One pass, deal by deal; memory depends on months × methods × parties, never on deals.
import { allocate } from '../../core/money.ts';
import { PARTS } from '../parts.ts';
import type { MonthMoney } from './deal-money.ts';

/** The parties of one deal in party order, with their parts of 10⁹ by method. Party −1 is `unattributed`. */
export type DealParties = {
  count: number;
  readonly party_index: Int32Array;
  readonly parts: readonly Int32Array[];
};

export type CreditRow = {
  readonly month_day: number;
  readonly basis: number;
  readonly method: number;
  readonly party_index: number;
  readonly currency_index: number;
  readonly amount_minor: bigint;
  readonly reporting_amount_minor: bigint;
};

export interface CreditSums {
  addDeal(money: readonly MonthMoney[], parties: DealParties): void;
  /** The sums in the order (month, basis, method, party, currency); rows of nothing are left out. */
  rows(): CreditRow[];
}

/** The cells of one month, basis and currency: by party, the methods of a party side by side (they are written together). */
type Cells = {
  readonly month_day: number;
  readonly basis: number;
  readonly currency_index: number;
  readonly native: ExactSums;
  readonly reporting: ExactSums;
};

/** Empty sums, for methods and parties by their number; a party is −1 (unattributed) or below `partyCount`. Minor units throughout. */
export function creditSums(methodCount: number, partyCount: number): CreditSums {
  const width = partyCount + 1;
  const byKey = new Map<string, Cells>();
  const cellsOf = ({ basis, month_day, currency_index }: MonthMoney): Cells => {
    const size = methodCount * width;
    return byKey.getOrInsertComputed(`${month_day} ${basis} ${currency_index}`, () => ({
      basis,
      month_day,
      currency_index,
      native: exactSums(size),
      reporting: exactSums(size),
    }));
  };
  return {
    addDeal(money, parties) {
      // Recurring invoices repeat their amounts, mostly in the reporting currency: each amount is split once.
      const sumsOf = new Map<bigint, ExactSums[]>();
      for (const row of money) {
        const { native, reporting } = cellsOf(row);
        sumsOf.getOrInsertComputed(row.amount_minor, () => []).push(native);
        sumsOf.getOrInsertComputed(row.reporting_amount_minor, () => []).push(reporting);
      }
      for (const [amount_minor, sums] of sumsOf)
        for (let method = 0; method < methodCount; method++) addShares(sums, amount_minor, parties, method);
    },
    rows: () => [...byKey.values()].flatMap((cells) => creditRows(cells, methodCount, width)).sort(byGrain),
  };
}

/** Splits an amount over a deal's parties and adds each share to all of `sums`. */
function addShares(sums: readonly ExactSums[], amount_minor: bigint, parties: DealParties, method: number): void {
  if (amount_minor === 0n) return;
  const parts = parties.parts[method]!;
  const { count, party_index } = parties;
  const cellOf = (place: number) => (party_index[place]! + 1) * parties.parts.length + method;
  if (splitByParts(amount_minor, parts, count, shares)) {
    for (const sum of sums)
      for (let place = 0; place < count; place++) if (shares[place] !== 0) sum.add(cellOf(place), shares[place]!);
    return;
  }
  const exact = allocate(amount_minor, Array.from(parts.subarray(0, count), BigInt));
  for (const sum of sums) for (let place = 0; place < count; place++) sum.addExactly(cellOf(place), exact[place]!);
}

const SPLIT_PARTIES_MAX = 256;
const shares = new Float64Array(SPLIT_PARTIES_MAX);
const remainders = new Float64Array(SPLIT_PARTIES_MAX);
const HALF = 2 ** 15;

/**
 * `allocate(amount, parts)` for parts that sum to 10⁹, in doubles that stay exact; the shares go to `into`. False where
 * the amount or the number of parties is too large for that: then `allocate` itself must do it.
 */
export function splitByParts(amount_minor: bigint, parts: Int32Array, count: number, into: Float64Array): boolean {
  const amount = Number(amount_minor);
  if (!Number.isSafeInteger(amount) || count > SPLIT_PARTIES_MAX) return false;
  const magnitude = Math.abs(amount);
  // amount × part ÷ 10⁹ by long division: amount = high × 10⁹ + low, part = upper × 2¹⁵ + lower; no product exceeds 2⁵³.
  const high = Math.floor(magnitude / PARTS);
  const low = magnitude - high * PARTS;
  let left = magnitude;
  for (let place = 0; place < count; place++) {
    const part = parts[place]!;
    const upper = Math.floor(part / HALF);
    const first = low * upper;
    const firstWhole = Math.floor(first / PARTS);
    const second = (first - firstWhole * PARTS) * HALF + low * (part - upper * HALF);
    const secondWhole = Math.floor(second / PARTS);
    const share = high * part + firstWhole * HALF + secondWhole;
    into[place] = share;
    remainders[place] = second - secondWhole * PARTS;
    left -= share;
  }
  for (; left > 0; left--) {
    const place = largest(remainders, count);
    into[place]!++;
    remainders[place] = -1;
  }
  if (amount < 0) for (let place = 0; place < count; place++) into[place] = -into[place]!;
  return true;
}

function largest(values: Float64Array, count: number): number {
  let best = 0;
  for (let place = 1; place < count; place++) if (values[place]! > values[best]!) best = place;
  return best;
}

/** Sums of whole numbers: doubles while they are exact, 64-bit integers of any size beyond. */
interface ExactSums {
  add(cell: number, amount: number): void;
  addExactly(cell: number, amount: bigint): void;
  get(cell: number): bigint;
}

function exactSums(size: number): ExactSums {
  const near = new Float64Array(size);
  const far = new Map<number, bigint>();
  const addExactly = (cell: number, amount: bigint) => {
    far.set(cell, (far.get(cell) ?? 0n) + amount);
  };
  return {
    add(cell, amount) {
      const sum = near[cell]! + amount;
      if (Number.isSafeInteger(sum)) near[cell] = sum;
      else addExactly(cell, BigInt(amount));
    },
    addExactly,
    get: (cell) => BigInt(near[cell]!) + (far.get(cell) ?? 0n),
  };
}

function creditRows(
  { month_day, basis, currency_index, native, reporting }: Cells,
  methods: number,
  width: number,
): CreditRow[] {
  const rows: CreditRow[] = [];
  for (let cell = 0; cell < methods * width; cell++) {
    const amount_minor = native.get(cell);
    const reporting_amount_minor = reporting.get(cell);
    if (amount_minor === 0n && reporting_amount_minor === 0n) continue;
    const method = cell % methods;
    const party_index = Math.floor(cell / methods) - 1;
    rows.push({ month_day, basis, method, party_index, currency_index, amount_minor, reporting_amount_minor });
  }
  return rows;
}

function byGrain(left: CreditRow, right: CreditRow): number {
  return (
    left.month_day - right.month_day ||
    left.basis - right.basis ||
    left.method - right.method ||
    left.party_index - right.party_index ||
    left.currency_index - right.currency_index
  );
}
