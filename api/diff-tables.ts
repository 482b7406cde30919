// Finds what differs between two releases: statements over `before` and `after` that keep their rows in tables for diff.ts.
// Each compares by key and reads missing rows as nothing.
import { touchKey } from './explain/source-record.ts';
import type { Manifest } from './manifest.ts';
import type { ReleasePair } from './release-store.ts';
import type { ReleaseTable } from './tables.ts';

/** Whether a table certainly holds the same rows in both: then nobody needs to read it. */
function isSame({ before, after }: Pick<ReleasePair, 'before' | 'after'>, table: ReleaseTable): boolean {
  const digest = before.tables[table]?.digest;
  return digest !== undefined && digest === after.tables[table]?.digest;
}

/** Methods that both releases have: a method that is new changes no weight. */
export function sharedMethods({ before, after }: { before: Manifest; after: Manifest }): string[] {
  return after.methods.filter((method) => before.methods.includes(method));
}

/** Makes the tables `changed_*`, `added_entry`, `removed_entry` and `diff_deal`. */
export async function findChanges(pair: ReleasePair): Promise<void> {
  await pair.rows(changedRecord(pair));
  await pair.rows(changedSourcing(pair));
  await pair.rows(changedMoney(pair));
  await pair.rows(changedWeight(pair));
  await pair.rows(changedLink(pair));
  await pair.rows(entriesOf('added_entry', 'after', 'before', pair));
  await pair.rows(entriesOf('removed_entry', 'before', 'after', pair));
  await pair.rows(diffDeal);
}

/** Both sides of a table, or of none of its rows where it is the same in both. */
function sides(pair: ReleasePair, table: ReleaseTable): { old: string; now: string } {
  const rows = isSame(pair, table) ? ' WHERE false' : '';
  return { old: `(SELECT * FROM before.${table}${rows}) AS old`, now: `(SELECT * FROM after.${table}${rows}) AS now` };
}

function changedRecord(pair: ReleasePair): string {
  const { old, now } = sides(pair, 'lineage_record');
  return `CREATE TABLE changed_record AS
    SELECT record_key, coalesce(now.stream, old.stream) AS stream,
      CASE WHEN old.version_hash IS NULL THEN 'added' WHEN now.version_hash IS NULL THEN 'removed' ELSE 'changed' END AS change
    FROM ${now} FULL JOIN ${old} USING (record_key)
    WHERE old.version_hash IS DISTINCT FROM now.version_hash`;
}

function changedSourcing(pair: ReleasePair): string {
  const { old, now } = sides(pair, 'fct_deal_sourcing');
  const columns = ['partner_id', 'rule', 'evidence_id'];
  return `CREATE TABLE changed_sourcing AS
    SELECT deal_id, ${columns.flatMap((name) => [`old.${name} AS old_${name}`, `now.${name} AS now_${name}`]).join(', ')}
    FROM ${now} FULL JOIN ${old} USING (deal_id)
    WHERE ${columns.map((name) => `old.${name} IS DISTINCT FROM now.${name}`).join(' OR ')}`;
}

function changedMoney(pair: ReleasePair): string {
  const { old, now } = sides(pair, 'fct_deal_money');
  return `CREATE TABLE changed_money AS
    SELECT deal_id, basis, month, currency, coalesce(old.amount_minor, 0) AS old_minor, coalesce(now.amount_minor, 0) AS now_minor,
      abs(coalesce(now.reporting_amount_minor, 0) - coalesce(old.reporting_amount_minor, 0)) AS moved_minor
    FROM ${now} FULL JOIN ${old} USING (deal_id, basis, month, currency)
    WHERE coalesce(old.amount_minor, 0) <> coalesce(now.amount_minor, 0)
      OR coalesce(old.reporting_amount_minor, 0) <> coalesce(now.reporting_amount_minor, 0)`;
}

function changedWeight(pair: ReleasePair): string {
  const { old, now } = sides(pair, 'fct_attribution_weight');
  const methods = sharedMethods(pair);
  const values = methods.flatMap((method) => [
    `coalesce(old."${method}", 0) AS "old_${method}"`,
    `coalesce(now."${method}", 0) AS "now_${method}"`,
  ]);
  const differs = methods.map((method) => `coalesce(old."${method}", 0) <> coalesce(now."${method}", 0)`);
  return `CREATE TABLE changed_weight AS
    SELECT ${['deal_id', 'party_kind', 'party_id', ...values].join(', ')}
    FROM ${now} FULL JOIN ${old} USING (deal_id, party_kind, party_id)
    WHERE ${differs.join(' OR ') || 'false'}`;
}

/** Where an invoice's money goes: its deal, else its account, else why it goes nowhere. */
const place = (side: string) => `coalesce(${side}.deal_id, ${side}.account_id, ${side}.link_reason, 'nothing')`;

function changedLink(pair: ReleasePair): string {
  const { old, now } = sides(pair, 'fct_invoice');
  return `CREATE TABLE changed_link AS
    SELECT invoice_id, coalesce(now.customer_id, old.customer_id) AS customer_id, old.deal_id AS old_deal_id,
      now.deal_id AS now_deal_id, ${place('old')} AS old_place, ${place('now')} AS now_place
    FROM ${now} INNER JOIN ${old} USING (invoice_id)
    WHERE ${place('old')} <> ${place('now')}`;
}

function entriesOf(name: string, one: string, other: string, pair: ReleasePair): string {
  const rows = isSame(pair, 'fct_commission_entry') ? ' AND false' : '';
  return `CREATE TABLE ${name} AS SELECT * FROM ${one}.fct_commission_entry AS entry
    WHERE NOT EXISTS (FROM ${other}.fct_commission_entry AS known WHERE known.entry_id = entry.entry_id)${rows}`;
}

const diffDeal = `CREATE TABLE diff_deal AS
  SELECT deal_id, max(moved_minor) AS moved_minor, list_sort(list(DISTINCT change)) AS changes
  FROM (
    SELECT deal_id, 'sourcing' AS change, 0 AS moved_minor FROM changed_sourcing
    UNION ALL SELECT deal_id, 'money', moved_minor FROM changed_money
    UNION ALL SELECT deal_id, 'weights', 0 FROM changed_weight
    UNION ALL SELECT deal_id, 'commission', 0 FROM added_entry WHERE deal_id IS NOT NULL
    UNION ALL SELECT deal_id, 'added', 0 FROM after.dim_deal ANTI JOIN before.dim_deal USING (deal_id)
    UNION ALL SELECT deal_id, 'removed', 0 FROM before.dim_deal ANTI JOIN after.dim_deal USING (deal_id)
  )
  GROUP BY deal_id`;

const behind = (side: string) => `
  SELECT figure_id AS deal_id, target_id AS record_key, role FROM ${side}.lineage_edge
  WHERE figure_kind = 'deal' AND target_kind = 'record' AND figure_id IN (FROM shown)
  UNION ALL
  SELECT deal_id, ${touchKey('touchpoint_id')}, 'touch' FROM ${side}.fct_touchpoint WHERE deal_id IN (FROM shown)
  UNION ALL
  SELECT link.target_id, record.target_id, record.role FROM ${side}.lineage_edge AS link
  INNER JOIN ${side}.lineage_edge AS record
    ON record.figure_kind = 'invoice' AND record.figure_id = link.figure_id AND record.target_kind = 'record'
  WHERE link.figure_kind = 'invoice' AND link.target_kind = 'deal' AND link.target_id IN (FROM shown)
  UNION ALL
  SELECT deal_id, 'partners/' || partner_id, 'partner' FROM ${side}.fct_deal_sourcing
  SEMI JOIN changed_sourcing USING (deal_id) WHERE deal_id IN (FROM shown)`;

/** Records behind the deals in `shown` that differ, most telling first; payloads for as many as `perDeal` of each deal. */
export function changedBehind(perDeal: number): string {
  return `
    WITH behind AS (${behind('before')} UNION ALL ${behind('after')}),
    told AS (
      SELECT deal_id, record_key, min(role) AS role, any_value(change) AS change,
        count(*) OVER (PARTITION BY deal_id) AS record_count
      FROM behind INNER JOIN changed_record USING (record_key)
      GROUP BY deal_id, record_key
      QUALIFY row_number() OVER (PARTITION BY deal_id ORDER BY min(role) = 'touch', record_key) <= ${perDeal}
    )
    SELECT told.*, old.payload AS old_payload, now.payload AS now_payload
    FROM told
    LEFT JOIN before.lineage_record AS old ON told.record_key = old.record_key
    LEFT JOIN after.lineage_record AS now ON told.record_key = now.record_key
    ORDER BY deal_id, role = 'touch', record_key`;
}

/** Deals that became another, for the deals in `shown`. */
export const mergesBehind = `
  SELECT now.figure_id AS survivor_id, substr(now.target_id, 7) AS merged_id
  FROM after.lineage_edge AS now
  WHERE now.role = 'merged_deal' AND (now.figure_id IN (FROM shown) OR substr(now.target_id, 7) IN (FROM shown))
    AND NOT EXISTS (FROM before.lineage_edge AS old WHERE old.role = 'merged_deal' AND old.target_id = now.target_id)
  ORDER BY ALL`;
