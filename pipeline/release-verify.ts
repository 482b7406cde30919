// What `verify` finds of a published release: its files, its rows and its ledger, recomputed from the files alone.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { liabilityAccounts } from '../api/ledger-sql.ts';
import type { Manifest } from '../api/manifest.ts';
import { literal } from '../core/sql.ts';
import { readManifest } from './release.ts';
import { fileDigest, releaseIdOf, rowsDigest } from './release-digest.ts';
import type { Warehouse } from './warehouse.ts';

/** What is not as it was published, a line each; `warehouse` is any one: it only reads the files. */
export async function verifyRelease(warehouse: Warehouse, directory: string): Promise<string[]> {
  const manifest = readManifest(directory);
  const name = basename(directory);
  if (!manifest) return [`${name}/manifest.json is missing or cannot be read`];
  const problems = releaseIdOf(manifest) === name ? [] : [`${name}/manifest.json was changed after it was published`];
  for (const [table, facts] of Object.entries(manifest.tables)) {
    const problem = await tableProblem(warehouse, join(directory, `${table}.parquet`), table, facts);
    if (problem) problems.push(`${name}/${table}.parquet ${problem}`);
  }
  if (problems.length) return problems;
  return (await ledgerProblems(warehouse, directory)).map((problem) => `${name}: ${problem}`);
}

async function tableProblem(
  warehouse: Warehouse,
  file: string,
  table: string,
  facts: Manifest['tables'][string],
): Promise<string | undefined> {
  if (!existsSync(file)) return 'is missing';
  if ((await fileDigest(file)) !== facts.sha256) return 'was changed after it was published';
  const { rows, digest } = await rowsDigest(warehouse, table, file);
  return rows === facts.rows && digest === facts.digest ? undefined : 'holds other rows than were published';
}

type Fault = { readonly partner_id: string; readonly currency: string; readonly month: string } & Readonly<
  Record<'closing_minor' | 'opened_minor' | 'moved_minor' | 'balance_minor' | 'entries_minor', bigint>
>;

/** Partner months whose closing is not what was open and moved, what the balances say, or what the entries make. */
async function ledgerProblems(warehouse: Warehouse, directory: string): Promise<string[]> {
  const table = (name: string) => `read_parquet(${literal(join(directory, `${name}.parquet`))})`;
  const faults = await warehouse.rows<Fault>(`
    WITH owed AS (
      SELECT partner_id, currency, posted_month,
        sum(CASE WHEN credit_account IN ${liabilityAccounts} THEN amount_minor ELSE 0 END
          - CASE WHEN debit_account IN ${liabilityAccounts} THEN amount_minor ELSE 0 END) AS change_minor
      FROM ${table('fct_commission_entry')}
      GROUP BY ALL
    ), month AS (
      SELECT partner_id, currency, month, closing_minor, opening_minor,
        lag(closing_minor, 1, 0::BIGINT) OVER (PARTITION BY partner_id, currency ORDER BY month) AS opened_minor,
        opening_minor + accrued_minor - clawed_back_minor + true_up_minor + prior_period_minor - written_off_minor
        - paid_minor AS moved_minor,
        accrued_balance_minor + payable_balance_minor + disputed_balance_minor - recoverable_balance_minor AS balance_minor
      FROM ${table('fct_commission_liability')}
    ), folded AS (
      SELECT month.*, coalesce((
        SELECT sum(change_minor)::BIGINT FROM owed
        WHERE owed.partner_id = month.partner_id AND owed.currency = month.currency AND owed.posted_month <= month.month
      ), 0) AS entries_minor
      FROM month
    )
    SELECT partner_id, currency, strftime(month, '%Y-%m') AS month, closing_minor, opened_minor, moved_minor, balance_minor, entries_minor
    FROM folded
    WHERE opening_minor <> opened_minor OR closing_minor <> moved_minor OR closing_minor <> balance_minor OR closing_minor <> entries_minor
    ORDER BY ALL`);
  return faults.map(
    ({ partner_id, currency, month, closing_minor, opened_minor, moved_minor, balance_minor, entries_minor }) =>
      `${partner_id} in ${currency}, ${month}: closes at ${closing_minor} minor units; the month before closed at ${opened_minor}, ` +
      `its movements make ${moved_minor}, its balances ${balance_minor}, its entries ${entries_minor}`,
  );
}
