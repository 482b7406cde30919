// Why a deal differs between two releases: the records behind it that changed, merges, links and decisions; where there is none,
// what changed for all (configuration, program, clock), else the evidence of other deals.
import type { z } from 'zod';
import { changedBehind, mergesBehind } from './diff-tables.ts';
import type { ReleasePair } from './release-store.ts';
import type { ReleaseDiff } from './schemas.ts';

type Cause = z.infer<typeof ReleaseDiff>['causes'][number];
type Records = z.infer<typeof ReleaseDiff>['records'];

const RECORDS_PER_DEAL = 6;
const FIELDS_PER_RECORD = 8;

/** What differs between the releases as a whole. */
export function causesOfRelease({ before, after }: Pick<ReleasePair, 'before' | 'after'>): Cause[] {
  const causes: Cause[] = [];
  if (before.config_digest !== after.config_digest)
    causes.push(cause('config', ['sourced.yaml was changed', ...settingChanges(before, after)].join(': ')));
  if (before.code_digest !== after.code_digest) causes.push(cause('code', 'Sourced itself was changed'));
  if (before.as_of !== after.as_of)
    causes.push(cause('clock', `the business clock moved from ${before.as_of} to ${after.as_of}`));
  return causes;
}

type Manifest = ReleasePair['before'];

function settingChanges(before: Manifest, after: Manifest): string[] {
  const words = (name: 'lookback_days' | 'reporting_currency' | 'time_zone' | 'methods') => {
    const [old, now] = [String(before[name] ?? 'none'), String(after[name] ?? 'none')];
    return old === now ? [] : [`${name} ${old} → ${now}`];
  };
  const told = (['lookback_days', 'reporting_currency', 'time_zone', 'methods'] as const).flatMap(words);
  return told.length ? [told.join('; ')] : [];
}

/** Causes of every deal in table `shown`, never none. */
export async function causesOfDeals(pair: ReleasePair, records: Records): Promise<Map<string, Cause[]>> {
  const found = new Map<string, Cause[]>();
  const add = (deal_id: string, ...causes: Cause[]) => found.set(deal_id, [...(found.get(deal_id) ?? []), ...causes]);
  const shown = await pair.rows<{ deal_id: string }>('FROM shown');
  for (const { deal_id } of shown) found.set(deal_id, []);
  for (const { survivor_id, merged_id } of await pair.rows<{ survivor_id: string; merged_id: string }>(mergesBehind))
    for (const deal_id of [survivor_id, merged_id])
      if (found.has(deal_id)) add(deal_id, cause('merge', `${merged_id} was merged into ${survivor_id}`));
  for (const [deal_id, rows] of Map.groupBy(await changedRecords(pair), ({ deal_id }) => deal_id))
    add(deal_id, ...recordCauses(rows));
  for (const { deal_id, text } of await changedLinks(pair)) add(deal_id, cause('link', text));
  for (const { deal_id, decisions } of await decisionsOf(pair))
    add(deal_id, cause('decision', `overruled: ${decisions}`));
  const general = [...causesOfRelease(pair), indirect(records)];
  return new Map([...found].map(([deal_id, causes]) => [deal_id, causes.length ? causes : general.slice(0, 1)]));
}

function indirect(records: Records): Cause {
  const streams = records.map(({ stream }) => stream).join(', ');
  return cause(
    'indirect',
    streams ? `no record behind it changed; records of ${streams} did` : 'no record behind it changed',
  );
}

type ChangedRecord = {
  deal_id: string;
  record_key: string;
  role: string;
  change: 'added' | 'changed' | 'removed';
  record_count: bigint;
  old_payload: string | null;
  now_payload: string | null;
};

function changedRecords(pair: ReleasePair): Promise<ChangedRecord[]> {
  return pair.rows<ChangedRecord>(changedBehind(RECORDS_PER_DEAL));
}

function recordCauses(rows: readonly ChangedRecord[]): Cause[] {
  const causes = rows.map(({ record_key, role, change, old_payload, now_payload }) => ({
    ...cause(
      'record',
      `${role.replaceAll('_', ' ')} ${record_key} ${change === 'changed' ? 'changed' : `was ${change}`}`,
    ),
    record_key,
    change,
    fields: change === 'changed' ? fieldsOf(old_payload, now_payload) : [],
  }));
  const rest = Number(rows[0]!.record_count) - rows.length;
  return rest > 0 ? [...causes, cause('record', `${rest} more records behind it differ`)] : causes;
}

/** The fields of a record that differ, as the source sent them. */
function fieldsOf(old_payload: string | null, now_payload: string | null): Cause['fields'] {
  const [old, now] = [parsed(old_payload), parsed(now_payload)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((field) => ({ field, before: textOf(old[field]), after: textOf(now[field]) }))
    .filter(({ before, after }) => before !== after)
    .slice(0, FIELDS_PER_RECORD);
}

function parsed(payload: string | null): Record<string, unknown> {
  return payload === null ? {} : (JSON.parse(payload) as Record<string, unknown>);
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function changedLinks(pair: ReleasePair): Promise<{ deal_id: string; text: string }[]> {
  return pair.rows(`
    SELECT deal_id, 'invoice ' || invoice_id || ' moved from ' || old_place || ' to ' || now_place AS text
    FROM (
      SELECT old_deal_id AS deal_id, * FROM changed_link UNION ALL SELECT now_deal_id, * FROM changed_link
    ) SEMI JOIN shown USING (deal_id)
    QUALIFY row_number() OVER (PARTITION BY deal_id ORDER BY invoice_id) <= ${RECORDS_PER_DEAL}
    ORDER BY deal_id, invoice_id`);
}

/** Overrides that the new entries of a deal rest on. */
function decisionsOf(pair: ReleasePair): Promise<{ deal_id: string; decisions: string }[]> {
  return pair.rows(`
    SELECT deal_id, string_agg(DISTINCT decision, ', ' ORDER BY decision) AS decisions
    FROM (
      SELECT deal_id, unnest(regexp_extract_all(evidence_ids, '"(decision-[0-9a-f]+)"', 1)) AS decision
      FROM added_entry SEMI JOIN shown USING (deal_id)
    )
    GROUP BY deal_id ORDER BY deal_id`);
}

function cause(kind: Cause['kind'], text: string): Cause {
  return { kind, text, record_key: null, change: null, fields: [] };
}
