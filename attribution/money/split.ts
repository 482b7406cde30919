// Splits a receipt over the [net, tax] cells of an invoice's lines. `allocate` of core/money.ts takes weights ≥ 0 only;
// a discount line is a negative cell, so that floors go towards −∞ here and everything else is the same rule.

/**
 * Largest remainder over cells of either sign whose sum is positive, `0 ≤ amount` (domain.md §1, fine-print 19).
 * Splitting the cells' own sum gives every cell exactly itself.
 */
export function splitOverCells(amount: bigint, cells: readonly bigint[], total: bigint): bigint[] {
  if (amount === 0n) return cells.map(() => 0n);
  if (amount === total) return [...cells];
  if (total <= 0n) throw new Error('splitOverCells: the cells do not sum to a positive amount');
  const shares: bigint[] = [];
  const remainders: bigint[] = [];
  let left = amount;
  for (const cell of cells) {
    const remainder = ((((amount * cell) % total) + total) % total) as bigint;
    const share = (amount * cell - remainder) / total;
    shares.push(share);
    remainders.push(remainder);
    left -= share;
  }
  for (const position of largestFirst(remainders).slice(0, Number(left))) shares[position]! += 1n;
  return shares;
}

/** Positions by remainder, the largest first, ties to the lower position. */
function largestFirst(remainders: readonly bigint[]): number[] {
  return remainders
    .map((_, position) => position)
    .sort((left, right) => {
      const difference = remainders[right]! - remainders[left]!;
      return difference > 0n ? 1 : difference < 0n ? -1 : left - right;
    });
}

/**
 * Splits a converted amount over the native amounts it was converted from, largest remainder: `parts` may have either sign
 * and sum to what was converted. Nothing converted, nothing to share.
 */
export function shareOut(amount: bigint, parts: readonly bigint[]): bigint[] {
  const total = parts.reduce((sum, part) => sum + part, 0n);
  if (amount === 0n || total === 0n) return parts.map(() => 0n);
  if (total > 0n) return splitOverCells(amount, parts, total);
  const negated = parts.map((part) => -part);
  return splitOverCells(-amount, negated, -total).map((share) => -share);
}
