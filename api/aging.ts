// Aging of what is owed, as of any date, from the ledger entries: held and until when, over its hold but not approved, payable,
// disputed, recoverable, and what of it is overdue. It adds up to the closing of the roll-forward.
import { type AgingQuery, agingQuery, OVERDUE_DAYS } from './aging-sql.ts';
import type { Column } from './columns.ts';
import { jsonRow, moneyAnswer, sqlName } from './faces.ts';
import { asOfDate } from './filters.ts';
import { jsonRows } from './json-rows.ts';
import { type ListQuery, readAll } from './lists.ts';
import type { DataRow, Release } from './release-store.ts';
import { Aging } from './schemas.ts';

const known = new WeakMap<Release, Map<string, Promise<readonly DataRow[]>>>();
/** Agings that are kept of one release. */
const KNOWN_MAX = 20;
/** Partners × currencies. */
const ROWS_MAX = 1_000_000;

/** Every row of an aging as the list reads it, worked out once for rows and totals. */
async function agedRows(release: Release, query: AgingQuery): Promise<readonly DataRow[]> {
  const asked = known.get(release) ?? new Map<string, Promise<readonly DataRow[]>>();
  known.set(release, asked);
  const name = JSON.stringify([query.as_of ?? asOfDate(release), query.partner_id, query.currency]);
  const rows = asked.get(name) ?? readAll(release, Aging.columns, agingQuery(release, query), ROWS_MAX);
  asked.delete(name);
  asked.set(name, rows);
  rows.catch(() => asked.delete(name));
  for (const oldest of asked.keys()) if (asked.size > KNOWN_MAX) asked.delete(oldest);
  return rows;
}

const agedColumns = Object.fromEntries(
  Object.entries(Aging.columns).map(([name, column]) => [sqlName(name, column), typeOf(column)]),
);

function typeOf({ kind }: Column): string {
  return kind === 'money' ? 'BIGINT' : kind === 'date' ? 'DATE' : 'VARCHAR';
}

/** Aging as of a date, one row a partner and currency. */
export async function aging(release: Release, query: AgingQuery): Promise<ListQuery> {
  const rows = await agedRows(release, query);
  const text = JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return {
    sql: `FROM ${jsonRows('$rows', agedColumns)}`,
    parameters: { rows: text },
    order: [{ name: 'partner_id' }, { name: 'currency' }],
  };
}

const parts = ['held', 'awaiting', 'payable', 'disputed', 'recoverable', 'overdue', 'closing'] as const;

/** Totals over all partners: per currency, and over all currencies in the reporting one where that is known for every row. */
export async function agingTotals(release: Release, query: AgingQuery): Promise<object> {
  const { reporting_currency } = release.manifest;
  const rows = (await agedRows(release, query)).map(
    (row) => jsonRow(Aging, row, reporting_currency) as Record<string, { amount_minor: string } | null>,
  );
  const summed = (group: typeof rows, prefix: string, currency: string) =>
    Object.fromEntries(
      parts.map((name) => {
        const total = group.reduce((sum, row) => sum + BigInt(row[`${prefix}${name}`]?.amount_minor ?? 0), 0n);
        return [name, moneyAnswer(total, currency)];
      }),
    );
  const currencies = Map.groupBy(rows, (row) => String(row.currency));
  const isConverted = rows.every((row) => row.reporting_closing !== null);
  return {
    as_of_date: query.as_of ?? asOfDate(release),
    overdue_days: OVERDUE_DAYS,
    totals: [...currencies]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([currency, group]) => ({ currency, ...summed(group, '', currency) })),
    reporting_total: isConverted ? summed(rows, 'reporting_', reporting_currency) : null,
  };
}
