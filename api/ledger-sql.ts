// Pieces of SQL over ledger entries: what an entry does to an account, and to what is owed in all.

/** Accounts of the liability: accrued, payable, disputed and (as a debit) recoverable. Moves between them leave it as it is. */
export const liabilityAccounts = `('accrued', 'payable', 'disputed', 'recoverable')`;

/** What an entry adds to an account that credits raise. */
export function changeOf(account: string): string {
  return `(CASE WHEN credit_account = '${account}' THEN amount_minor WHEN debit_account = '${account}' THEN -amount_minor ELSE 0 END)`;
}

/** A sum of minor units as BIGINT; 0 of no rows. */
export function sumOf(expression: string, name: string, filter = 'true'): string {
  return `CAST(coalesce(sum(${expression}) FILTER (${filter}), 0) AS BIGINT) AS ${name}`;
}
