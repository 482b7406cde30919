// Sums of money for totals and charts: integers of minor units only. A chart may take a Number for its geometry.
import type { Money } from './format.js';

export function minor(money: Money | null | undefined): bigint {
  return money ? BigInt(money.amount_minor) : 0n;
}

/** Decimals of the currency, read from how the API wrote the amount. */
export function exponentOf({ amount }: Money): number {
  const point = amount.indexOf('.');
  return point < 0 ? 0 : amount.length - point - 1;
}

/** Minor units as an amount of the given currency. */
export function toMoney(amount_minor: bigint, currency: string, exponent: number): Money {
  const digits = (amount_minor < 0n ? -amount_minor : amount_minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const amount = `${amount_minor < 0n ? '-' : ''}${whole}${exponent ? `.${digits.slice(-exponent)}` : ''}`;
  return { amount_minor: amount_minor.toString(), amount, currency };
}

/** The sum of amounts of one currency; undefined for none. Throws where currencies differ. */
export function sum(amounts: Iterable<Money | null | undefined>): Money | undefined {
  let total = 0n;
  let first: Money | undefined;
  for (const amount of amounts) {
    if (!amount) continue;
    first ??= amount;
    if (amount.currency !== first.currency) throw new Error(`${amount.currency} cannot be added to ${first.currency}`);
    total += BigInt(amount.amount_minor);
  }
  return first && toMoney(total, first.currency, exponentOf(first));
}

export function subtract(left: Money, right: Money): Money {
  return toMoney(minor(left) - minor(right), left.currency, exponentOf(left));
}

/** Major units for the geometry of a chart, never for a figure that is read. */
export function geometry(money: Money | null | undefined): number {
  return money ? Number(money.amount) : 0;
}

/** Descending by amount, then ascending by name. */
export function largestFirst<T>(rows: readonly T[], amount: (row: T) => bigint, name: (row: T) => string): T[] {
  return [...rows].sort((left, right) => {
    const [a, b] = [amount(left), amount(right)];
    if (a !== b) return a > b ? -1 : 1;
    return name(left) < name(right) ? -1 : name(left) > name(right) ? 1 : 0;
  });
}
