// What changed between two releases and why: totals, deals with their causes, links, ledger entries. The answer is bounded: what
// is left out is counted. How differences are found is diff-tables.ts; why a deal changed is diff-causes.ts.
import type { z } from 'zod';
import { causesOfDeals, causesOfRelease } from './diff-causes.ts';
import { findChanges, sharedMethods } from './diff-tables.ts';
import { moneyAnswer } from './faces.ts';
import type { HistoricRelease } from './release-history.ts';
import { openReleasePair, type ReleasePair } from './release-store.ts';
import type { ReleaseDiff } from './schemas.ts';

type Diff = Omit<z.infer<typeof ReleaseDiff>, 'release_id' | 'as_of'>;
type DealDiff = Diff['deals']['items'][number];

const ROWS_MAX = 400;
const PER_DEAL = 24;

export type DiffRequest = {
  readonly before: HistoricRelease;
  readonly after: HistoricRelease;
  /** How many deals, links and entries are told in full. */
  readonly limit: number;
};

/** Compares two releases in either order of time. */
export async function diffReleases({ before, after, limit }: DiffRequest): Promise<Diff> {
  const pair = await openReleasePair({ before: before.directory, after: after.directory });
  try {
    await findChanges(pair);
    const records = await changedRecords(pair);
    return {
      before: sideOf(pair.before),
      after: sideOf(pair.after),
      causes: causesOfRelease(pair),
      records,
      totals: await changedTotals(pair),
      deals: await changedDeals(pair, limit, records),
      links: await changedLinks(pair, limit),
      ledger: await changedLedger(pair, limit),
      tables: changedTables(pair),
    };
  } finally {
    pair.close();
  }
}

function sideOf({ release_id, as_of, created_at }: ReleasePair['before']): Diff['before'] {
  return { release_id, as_of, created_at };
}

async function changedRecords(pair: ReleasePair): Promise<Diff['records']> {
  const rows = await pair.rows<{ stream: string; added: bigint; changed: bigint; removed: bigint }>(`
    SELECT stream, count(*) FILTER (change = 'added') AS added, count(*) FILTER (change = 'changed') AS changed,
      count(*) FILTER (change = 'removed') AS removed
    FROM changed_record GROUP BY stream ORDER BY stream`);
  return rows.map(({ stream, added, changed, removed }) => ({
    stream,
    added: Number(added),
    changed: Number(changed),
    removed: Number(removed),
  }));
}

const figures = ['total', 'sourced', 'influenced_distinct', 'partner_involved', 'unlinked'];

async function changedTotals(pair: ReleasePair): Promise<Diff['totals']> {
  const long = (side: string) =>
    figures
      .map(
        (name) =>
          `SELECT month, basis, currency, '${name}' AS figure, ${name}_minor AS minor FROM ${side}.fct_revenue_monthly`,
      )
      .join(' UNION ALL ');
  const rows = await pair.rows<{
    month: string;
    basis: Diff['totals'][number]['basis'];
    currency: string;
    figure: string;
    old_minor: bigint;
    now_minor: bigint;
  }>(`
    SELECT strftime(month, '%Y-%m') AS month, basis, currency, figure, coalesce(old.minor, 0) AS old_minor,
      coalesce(now.minor, 0) AS now_minor
    FROM (${long('after')}) AS now FULL JOIN (${long('before')}) AS old USING (month, basis, currency, figure)
    WHERE coalesce(old.minor, 0) <> coalesce(now.minor, 0)
    ORDER BY ALL LIMIT ${ROWS_MAX}`);
  return rows.map(({ old_minor, now_minor, ...row }) => ({ ...row, ...amounts(old_minor, now_minor, row.currency) }));
}

function amounts(old_minor: bigint, now_minor: bigint, currency: string) {
  return {
    before: moneyAnswer(old_minor, currency),
    after: moneyAnswer(now_minor, currency),
    difference: moneyAnswer(now_minor - old_minor, currency),
  };
}

async function changedDeals(pair: ReleasePair, limit: number, records: Diff['records']): Promise<Diff['deals']> {
  const counted = await pair.rows<{ change: DealDiff['changes'][number]; deals: bigint }>(
    'SELECT change, count(*) AS deals FROM (SELECT unnest(changes) AS change FROM diff_deal) GROUP BY ALL ORDER BY ALL',
  );
  const [all] = await pair.rows<{ deals: bigint }>('SELECT count(*) AS deals FROM diff_deal');
  await pair.rows(
    `CREATE TABLE shown AS SELECT deal_id FROM diff_deal ORDER BY moved_minor DESC, deal_id LIMIT ${limit}`,
  );
  const deals = await pair.rows<{ deal_id: string; name: string | null; changes: string }>(`
    SELECT deal_id, coalesce(now.name, old.name) AS name, array_to_string(changes, ' ') AS changes
    FROM diff_deal SEMI JOIN shown USING (deal_id)
    LEFT JOIN after.dim_deal AS now USING (deal_id) LEFT JOIN before.dim_deal AS old USING (deal_id)
    ORDER BY moved_minor DESC, deal_id`);
  const [sourcing, money, weights, causes] = [
    await sourcingOf(pair),
    await moneyOf(pair),
    await weightsOf(pair),
    await causesOfDeals(pair, records),
  ];
  return {
    total: Number(all!.deals),
    by_change: {
      ...{ added: 0, removed: 0, sourcing: 0, money: 0, weights: 0, commission: 0 },
      ...Object.fromEntries(counted.map(({ change, deals: count }) => [change, Number(count)])),
    },
    items: deals.map(({ deal_id, name, changes }) => ({
      deal_id,
      name,
      changes: changes.split(' ') as DealDiff['changes'],
      sourcing: sourcing.get(deal_id)!,
      money: (money.get(deal_id) ?? []).slice(0, PER_DEAL),
      weights: (weights.get(deal_id) ?? []).slice(0, PER_DEAL),
      causes: causes.get(deal_id) ?? [],
    })),
  };
}

/** Who sourced the shown deals in both releases, whether it changed or not. */
async function sourcingOf(pair: ReleasePair): Promise<Map<string, DealDiff['sourcing']>> {
  type Found = Record<`${'old' | 'now'}_${'partner_id' | 'rule' | 'evidence_id'}`, string | null> & { deal_id: string };
  const columns = ['partner_id', 'rule', 'evidence_id'].flatMap((name) => [
    `old.${name} AS old_${name}`,
    `now.${name} AS now_${name}`,
  ]);
  const rows = await pair.rows<Found>(`
    SELECT shown.deal_id, ${columns.join(', ')} FROM shown
    LEFT JOIN before.fct_deal_sourcing AS old USING (deal_id) LEFT JOIN after.fct_deal_sourcing AS now USING (deal_id)`);
  const side = (row: Found, name: 'old' | 'now') =>
    row[`${name}_partner_id`] === null
      ? null
      : {
          partner_id: row[`${name}_partner_id`]!,
          rule: row[`${name}_rule`] ?? '',
          evidence_id: row[`${name}_evidence_id`] ?? '',
        };
  return new Map(rows.map((row) => [row.deal_id, { before: side(row, 'old'), after: side(row, 'now') }]));
}

async function moneyOf(pair: ReleasePair): Promise<Map<string, DealDiff['money']>> {
  const rows = await pair.rows<{
    deal_id: string;
    basis: DealDiff['money'][number]['basis'];
    month: string;
    currency: string;
    old_minor: bigint;
    now_minor: bigint;
  }>(`
    SELECT deal_id, basis, strftime(month, '%Y-%m') AS month, currency, old_minor, now_minor
    FROM changed_money SEMI JOIN shown USING (deal_id) ORDER BY ALL`);
  return grouped(rows, ({ basis, month, currency, old_minor, now_minor }) => ({
    basis,
    month,
    ...amounts(old_minor, now_minor, currency),
  }));
}

async function weightsOf(pair: ReleasePair): Promise<Map<string, DealDiff['weights']>> {
  const long = sharedMethods(pair).map(
    (
      method,
    ) => `SELECT deal_id, party_kind, party_id, '${method}' AS method, "old_${method}" AS before, "now_${method}" AS after
      FROM changed_weight SEMI JOIN shown USING (deal_id) WHERE "old_${method}" <> "now_${method}"`,
  );
  if (!long.length) return new Map();
  const rows = await pair.rows<{
    deal_id: string;
    party_kind: DealDiff['weights'][number]['party_kind'];
    party_id: string;
    method: string;
    before: bigint;
    after: bigint;
  }>(`FROM (${long.join(' UNION ALL ')}) ORDER BY ALL`);
  return grouped(rows, ({ deal_id: _, before, after, ...row }) => ({
    ...row,
    before: Number(before),
    after: Number(after),
  }));
}

function grouped<Row extends { deal_id: string }, Item>(rows: readonly Row[], item: (row: Row) => Item) {
  return new Map(
    [...Map.groupBy(rows, ({ deal_id }) => deal_id)].map(([deal_id, own]) => [deal_id, own.map((row) => item(row))]),
  );
}

async function changedLinks(pair: ReleasePair, limit: number): Promise<Diff['links']> {
  const [all] = await pair.rows<{ invoices: bigint }>('SELECT count(*) AS invoices FROM changed_link');
  const items = await pair.rows<Diff['links']['items'][number]>(`
    SELECT invoice_id, customer_id, old_place AS before, now_place AS after
    FROM changed_link ORDER BY invoice_id LIMIT ${limit}`);
  return { total: Number(all!.invoices), items };
}

async function changedLedger(pair: ReleasePair, limit: number): Promise<Diff['ledger']> {
  const [all] = await pair.rows<{ added: bigint; removed: bigint }>(
    'SELECT (SELECT count(*) FROM added_entry) AS added, (SELECT count(*) FROM removed_entry) AS removed',
  );
  const sums = await pair.rows<{
    entry_type: string;
    debit_account: string;
    credit_account: string;
    currency: string;
    entries: bigint;
    minor: bigint;
  }>(`
    SELECT entry_type, debit_account, credit_account, currency, count(*) AS entries, sum(amount_minor)::BIGINT AS minor
    FROM added_entry GROUP BY ALL ORDER BY ALL`);
  const items = await pair.rows<{
    entry_id: string;
    entry_type: string;
    debit_account: string;
    credit_account: string;
    partner_id: string;
    deal_id: string | null;
    effective_date: string;
    currency: string;
    amount_minor: bigint;
  }>(`
    SELECT entry_id, entry_type, debit_account, credit_account, partner_id, deal_id, strftime(effective_date, '%Y-%m-%d') AS effective_date, currency, amount_minor
    FROM added_entry ORDER BY added_entry.effective_date DESC, entry_id LIMIT ${limit}`);
  return {
    added: Number(all!.added),
    removed: Number(all!.removed),
    sums: sums.map(({ currency, entries, minor, ...row }) => ({
      ...row,
      entries: Number(entries),
      amount: moneyAnswer(minor, currency),
    })),
    items: items.map(({ amount_minor, currency, ...row }) => ({ ...row, amount: moneyAnswer(amount_minor, currency) })),
  };
}

function changedTables({ before, after }: ReleasePair): Diff['tables'] {
  const names = [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].sort();
  const facts = (manifest: typeof before, name: string) =>
    manifest.tables[name]?.digest ?? manifest.tables[name]?.sha256;
  return names
    .filter((name) => facts(before, name) !== facts(after, name))
    .map((name) => ({
      name,
      rows_before: before.tables[name]?.rows ?? 0,
      rows_after: after.tables[name]?.rows ?? 0,
    }));
}
