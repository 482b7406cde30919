// The commission liability: month by month from the release's roll-forward, or up to a date from the ledger entries.
import { without } from './columns.ts';
import { jsonRow, moneyAnswer } from './faces.ts';
import { asOfMonth, conditions, type MonthRange, monthFilters } from './filters.ts';
import { changeOf, liabilityAccounts, sumOf } from './ledger-sql.ts';
import { type ListQuery, readAll } from './lists.ts';
import type { Release } from './release-store.ts';
import { Liability } from './schemas.ts';

export interface LiabilityQuery extends MonthRange {
  readonly as_of?: string | undefined;
  readonly partner_id?: string | undefined;
  readonly currency?: string | undefined;
}

const movements = ['opening', 'accrued', 'clawed_back', 'true_up', 'prior_period', 'written_off', 'paid', 'closing'];
const balances = ['accrued_balance', 'payable_balance', 'disputed_balance', 'recoverable_balance'];

const explainId = `'liability/' || partner_id || '/' || strftime(month, '%Y-%m') || '/' || liability.currency AS explain_id`;
const order = [{ name: 'month' }, { name: 'partner_id' }, { name: 'currency' }];

/** The roll-forward as published. */
export function liabilityMonths(release: Release, query: LiabilityQuery): ListQuery {
  const isAnyMonth = query.month !== undefined || query.from !== undefined || query.to !== undefined;
  const { where, parameters } = conditions(
    ...monthFilters(isAnyMonth ? query : { month: asOfMonth(release) }),
    ['partner_id = $partner_id', { partner_id: query.partner_id }],
    ['liability.currency = $currency', { currency: query.currency }],
  );
  return {
    sql: `SELECT liability.*, dim_partner.name AS partner_name, ${explainId}
      FROM fct_commission_liability AS liability LEFT JOIN dim_partner USING (partner_id) ${where}`,
    parameters,
    order,
  };
}

/** What an entry does to what is owed. */
const effect = (column: string) =>
  `((CASE WHEN credit_account IN ${liabilityAccounts} THEN 1 ELSE 0 END) - (CASE WHEN debit_account IN ${liabilityAccounts} THEN 1 ELSE 0 END)) * ${column}`;

/** The roll-forward of the month that holds `as_of`, up to and including that date, from the ledger entries. */
function liabilityAsOf({ as_of = '', partner_id, currency }: LiabilityQuery): ListQuery {
  const { where, parameters } = conditions(
    ['effective_date <= CAST($as_of AS DATE)', { as_of }],
    [`posted_month <= date_trunc('month', CAST($as_of AS DATE))`, { as_of }],
    ['partner_id = $partner_id', { partner_id }],
    ['currency = $currency', { currency }],
  );
  const rolled = (prefix: string, column: string) => [
    sumOf(effect(column), `${prefix}opening_minor`, 'posted_month < month'),
    ...Object.entries(movementTypes).map(([name, { types, sign }]) =>
      sumOf(`${sign}${effect(column)}`, `${prefix}${name}_minor`, `posted_month = month AND entry_type IN (${types})`),
    ),
    sumOf(effect(column), `${prefix}closing_minor`),
  ];
  return {
    sql: `
      WITH entry AS (
        SELECT *, date_trunc('month', CAST($as_of AS DATE)) AS month FROM fct_commission_entry ${where}),
      liability AS (
        SELECT partner_id, currency, CAST(month AS DATE) AS month,
          ${[...rolled('', 'amount_minor'), ...rolled('reporting_', 'reporting_amount_minor')].join(', ')},
          ${sumOf(changeOf('accrued'), 'accrued_balance_minor')},
          ${sumOf(changeOf('payable'), 'payable_balance_minor')},
          ${sumOf(changeOf('disputed'), 'disputed_balance_minor')},
          ${sumOf(`-${changeOf('recoverable')}`, 'recoverable_balance_minor')},
          CAST(NULL AS BIGINT) AS contingent_minor, CAST(NULL AS BIGINT) AS reporting_contingent_minor,
          CAST(NULL AS BIGINT) AS fx_minor
        FROM entry GROUP BY ALL)
      SELECT liability.*, dim_partner.name AS partner_name, ${explainId}
      FROM liability LEFT JOIN dim_partner USING (partner_id)`,
    parameters,
    order,
  };
}

/** Ledger entry types per column; a minus where the column is positive for what lowers the liability. */
const movementTypes = {
  accrued: { types: `'accrual'`, sign: '' },
  clawed_back: { types: `'clawback'`, sign: '-' },
  true_up: { types: `'true_up'`, sign: '' },
  prior_period: { types: `'prior_period_adjustment'`, sign: '' },
  written_off: { types: `'write_off'`, sign: '-' },
  paid: { types: `'payout'`, sign: '-' },
} as const;

/** The roll-forward up to a date where one is asked for, else month by month. */
export function liability(release: Release, query: LiabilityQuery): ListQuery {
  return query.as_of === undefined ? liabilityMonths(release, query) : liabilityAsOf(query);
}

/** Totals over all partners: per currency, and over all currencies in the reporting one. */
export async function liabilityTotals(release: Release, query: LiabilityQuery): Promise<object> {
  const rows = liability(release, query);
  return {
    unconverted: await unconverted(release, query, rows),
    totals: await nativeTotals(release, rows),
    reporting_totals: await reportingTotals(release, rows),
  };
}

const summed = (name: string, alias = name) => `CAST(sum(${name}_minor) AS BIGINT) AS ${alias}_minor`;
const native = [...movements, ...balances, 'contingent'];
const reporting = [...movements, 'contingent'];

async function nativeTotals(release: Release, { sql, parameters = {} }: ListQuery): Promise<object[]> {
  const columns = without(Liability.columns, 'partner_id', 'partner_name', 'explain_id');
  const totals = await readAll(release, columns, {
    sql: `WITH liabilities AS (${sql})
      SELECT month, currency, ${native.map((name) => summed(name)).join(', ')},
        ${[...reporting.map((name) => `reporting_${name}`), 'fx'].map((name) => summed(name)).join(', ')}
      FROM liabilities GROUP BY ALL`,
    parameters,
    order: [{ name: 'month' }, { name: 'currency' }],
  });
  return totals.map((row) => jsonRow({ ...Liability, columns }, row, release.manifest.reporting_currency));
}

async function reportingTotals(release: Release, { sql, parameters }: ListQuery): Promise<object[]> {
  const { reporting_currency } = release.manifest;
  const months = await release.rows<Record<string, string | bigint | null>>(
    `WITH liabilities AS (${sql})
      SELECT strftime(month, '%Y-%m') AS month,
        ${[...reporting.map((name) => summed(`reporting_${name}`, name)), summed('fx')].join(', ')}
      FROM liabilities GROUP BY month ORDER BY month`,
    parameters,
  );
  const amount = (value: unknown) => moneyAnswer((value as bigint | null) ?? 0n, reporting_currency);
  return months.map(({ month, ...row }) => ({
    month,
    ...Object.fromEntries([...reporting, 'fx'].map((name) => [name, amount(row[`${name}_minor`])])),
  }));
}

/** What entries without a rate of their day do to what is owed. */
async function unconverted(
  release: Release,
  { as_of }: LiabilityQuery,
  { sql, parameters }: ListQuery,
): Promise<object[]> {
  const entries = await release.rows<{ month: string; currency: string; amount_minor: bigint; entry_count: bigint }>(
    `WITH liabilities AS (${sql})
      SELECT strftime(posted_month, '%Y-%m') AS month, currency, CAST(sum(${effect('amount_minor')}) AS BIGINT) AS amount_minor,
        count(*) AS entry_count
      FROM fct_commission_entry
      WHERE reporting_amount_minor IS NULL AND ${effect('1')} <> 0
        ${as_of === undefined ? '' : 'AND effective_date <= CAST($as_of AS DATE)'}
        AND (partner_id, currency, posted_month) IN (SELECT (partner_id, currency, month) FROM liabilities)
      GROUP BY ALL ORDER BY ALL`,
    parameters,
  );
  return entries.map(({ month, currency, amount_minor, entry_count }) => ({
    month,
    amount: moneyAnswer(amount_minor, currency),
    entry_count: Number(entry_count),
  }));
}
