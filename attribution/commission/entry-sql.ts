// What an entry of `ledger.entry` says, as SQL: its ids, its sign, its deal, its statement, its amount as text, the order of its accounts.
import { currencies } from '../../core/currency.ts';
import { accounts } from './books-port.ts';

/** SQL of an id that depends on its parts alone: 96 bits of a digest. */
export function digestId(prefix: string, parts: readonly string[]): string {
  return `'${prefix}-' || left(sha256(concat_ws(chr(31), ${parts.map((part) => `coalesce(${part}, '')`).join(', ')})), 24)`;
}

/** SQL of the accounts that a commission's cost goes to. */
export const costAccounts = `('commission_expense', 'contract_cost_asset')`;

/** SQL of what an entry of an earning adds: the cost side is debited where it grows. */
export const signedMinor = (entry: string) =>
  `case when ${entry}.debit_account in ${costAccounts} then ${entry}.amount_minor else -${entry}.amount_minor end`;

/** SQL of the deal that an entry is of: where its own was merged, the one that it lives on in. With `joinAlias`. */
export const standingDeal = 'coalesce(alias.survivor_id, entry.deal_id)';
export const joinAlias = 'left join core.deal_alias as alias on entry.deal_id = alias.deal_id';

/** SQL of the statement that an `entry` is a line of. */
export const statementId = `'statement:' || partner_id || ':' || strftime(entry.posted_month, '%Y-%m') || ':' || currency`;

/** SQL of minor units as grouped decimal text: 125000 USD → "1,250.00". Text only: nothing is computed with it. */
export function amountText(minor: string, currency: string): string {
  const decimals = currencies().filter(({ exponent }) => exponent !== 2);
  const exponent = `case ${currency} ${decimals.map((row) => `when '${row.currency}' then ${row.exponent}`).join(' ')} else 2 end`;
  const scale = `cast(pow(10, ${exponent}) as bigint)`;
  return `(case when ${minor} < 0 then '-' else '' end || format('{:,}', abs(${minor}) // ${scale})
    || case when ${exponent} > 0 then '.' || lpad(cast(abs(${minor}) % ${scale} as varchar), ${exponent}, '0') else '' end)`;
}

/** Accounts by their place in `accounts`: a pair stands in one orientation, so that a reversal is a negative amount. */
export const rank = (column: string) =>
  `case ${column} ${accounts.map((account, place) => `when '${account}' then ${place}`).join(' ')} end`;

/**
 * SQL of what entries lock, as aggregates: the first one of a deal, partner and role.
 * Entries that rest on an override name its decision; the id of a record always holds a colon, that of a decision never.
 */
export const lockColumns = (entry: string) => `
  min(${entry}.sequence) as first_sequence, arg_min(${entry}.plan, ${entry}.sequence) as plan,
  arg_min(${entry}.plan_version, ${entry}.sequence) as plan_version,
  coalesce(arg_min(${entry}.pool_size, ${entry}.sequence), -1) as pool_size,
  min(${entry}.sequence) filter (where not case when contains(${entry}.evidence_ids, '"decision-')
    then regexp_matches(${entry}.evidence_ids, '"decision-[0-9a-f]+"') else false end) as evidence_sequence`;
