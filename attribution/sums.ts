// Amounts are added up in many places, by DuckDB and by JavaScript, and every sum is kept in 64 bits. Whether all amounts of a kind
// and currency fit together is asked once, before they are used; then every sum of some of them does.
import { exponentOf } from '../core/currency.ts';
import { AuditError } from '../core/errors.ts';
import { formatAmount } from '../core/money.ts';
import type { WarehousePort } from './ports.ts';

export const SUM_MAX = 2n ** 63n - 1n;

export interface Addends {
  /** What is added up, in words: `deals`. */
  readonly what: string;
  /** SQL of rows with `currency`, `amount_minor` and `id`, which may be null. */
  readonly rows: string;
  readonly limit?: bigint;
}

const mend = 'look for an amount that is too large, or a rate; correct it in its system or file, then run again';

/** Throws AuditError where the amounts of one currency, each without its sign, add up to more than `limit`. */
export async function refuseTooMuch(warehouse: WarehousePort, addends: readonly Addends[]): Promise<void> {
  const sums = addends.map(
    ({ what, rows, limit = SUM_MAX }) => `
    select '${what}' as what, currency, max(abs(cast(amount_minor as hugeint))) as largest_minor, arg_max(id, abs(amount_minor)) as id
    from (${rows})
    group by currency
    having sum(abs(cast(amount_minor as hugeint))) > ${limit}`,
  );
  const found = await warehouse.rows<{ what: string; currency: string; largest_minor: bigint; id: string | null }>(
    `select * from (${sums.join(' union all ')}) order by what, currency`,
  );
  if (!found.length) return;
  const lines = found.map(({ what, currency, largest_minor, id }) => {
    const largest = `${formatAmount(largest_minor, exponentOf(currency)!)}${id ? ` (${id})` : ''}`;
    return `${what} in ${currency} add up to more than 64 bits hold; the largest amount is ${largest}`;
  });
  throw new AuditError(lines.join('\n'), mend);
}
