// Overlaps as canonical records. Crossbeam names a pair of records (ours and a partner's) in any of the partner's populations;
// a canonical overlap is an account of ours in one kind of a partner's populations, whichever pairs say so.
import { literal } from '../../../core/sql.ts';
import type { RecordMapping } from '../../api.ts';
import { currentVersions } from '../../raw-schema.ts';
import { rawTable, recordKey } from '../../sql.ts';

const pair = `coalesce(record ->> '$.crossbeam_record_id', '') || '|' || coalesce(record ->> '$.partner_crossbeam_record_id', '')`;
const organization = `coalesce(record ->> '$.partner_organization_id', record ->> '$.partner.id', record ->> '$.partner_id')`;
const domain = `regexp_replace(lower(record ->> '$.record_website'), '^https?://(www\\.)?|/.*$', '', 'g')`;
const account = `nullif(record ->> '$.record_id', '')`;

/**
 * A page holds what changed. The other pairs of the same account and partner are taken from the log, whose current records
 * keep them in `other`; in a reading of everything only from what that reading has landed so far. What no pair says any more
 * becomes a tombstone; where a pair came without its list of populations, it is refused and what was known of it stays. There is
 * no date of an overlap: it was first seen when it was first read.
 */
export function overlaps(source: string): RecordMapping {
  const current = currentVersions('crossbeam', 'account_overlaps', source);
  const floor = `coalesce((SELECT max((record ->> '$.floor')::BIGINT) FROM fetched WHERE kind = 'sweep'), -1)`;
  const key = recordKey('account_overlaps', (name) => name);
  const relation = `(
    WITH told AS MATERIALIZED (
      SELECT position, record, partner_id, coalesce(${account}, ${domain}) AS ours, ${pair} AS pair,
        coalesce(record ->> '$.is_deleted', 'false') = 'true' AS is_gone,
        json_type(record, '$.partner_populations') = 'ARRAY' AS has_populations
      FROM (SELECT position, record, ${organization} AS organization FROM fetched WHERE kind = 'overlaps') AS page
      JOIN (SELECT record ->> '$.id' AS organization, record ->> '$.partner_id' AS partner_id FROM fetched WHERE kind = 'partner') AS partner USING (organization)
      QUALIFY row_number() OVER (PARTITION BY ${pair} ORDER BY position DESC) = 1),
    changed AS (SELECT * FROM told WHERE is_gone OR has_populations),
    broken AS (SELECT * FROM told WHERE NOT is_gone AND has_populations IS NOT TRUE),
    known AS MATERIALIZED (
      SELECT record_key, payload, payload.partner_id AS partner_id, coalesce(payload.account_id, payload.domain) AS ours, sequence > ${floor} AS is_standing
      FROM ${current} WHERE NOT is_deleted),
    standing AS (SELECT * FROM known WHERE is_standing),
    -- A pair whose account changed stands under another one. A reading of everything clears those away by its end.
    standing_pair AS MATERIALIZED (
      SELECT DISTINCT ON (pair) record, partner_id, ours, ${pair} AS pair FROM (
        SELECT partner_id, ours, unnest(json_extract(payload.other, '$[*]')) AS record FROM standing
        WHERE NOT EXISTS (FROM fetched WHERE kind = 'sweep') OR (partner_id, ours) IN (SELECT (partner_id, ours) FROM changed))),
    touched AS (
      SELECT partner_id, ours FROM changed
      UNION SELECT partner_id, ours FROM standing_pair SEMI JOIN changed USING (pair)),
    alive AS (
      SELECT position, record, partner_id, pair FROM changed WHERE NOT is_gone
      UNION ALL
      SELECT 0, record, partner_id, pair FROM standing_pair SEMI JOIN touched USING (partner_id, ours) ANTI JOIN changed USING (pair)),
    placed AS (
      SELECT position, record, partner_id, ${account} AS account_id, CASE WHEN ${account} IS NULL THEN ${domain} END AS domain, partner_population
      FROM (SELECT alive.*, unnest(json_extract_string(record, '$.partner_populations[*].id')) AS population_id FROM alive) AS listed
      JOIN (SELECT record ->> '$.id' AS population_id, record ->> '$.kind' AS partner_population FROM fetched WHERE kind = 'population') AS population USING (population_id)),
    present AS MATERIALIZED (
      SELECT min(position) AS position, to_json(list(DISTINCT record::VARCHAR ORDER BY record::VARCHAR)::JSON[]) AS record,
        partner_id, account_id, domain, partner_population, false AS is_gone
      FROM placed GROUP BY ALL),
    absent AS (
      SELECT 0 AS position, payload.other::JSON AS record, payload.partner_id, payload.account_id, payload.domain, payload.partner_population, true AS is_gone
      FROM standing SEMI JOIN touched USING (partner_id, ours) ANTI JOIN broken USING (partner_id, ours)
      WHERE record_key NOT IN (SELECT ${key} FROM present)),
    kept AS (
      SELECT 0 AS position, payload.other::JSON AS record, payload.partner_id, payload.account_id, payload.domain, payload.partner_population, false AS is_gone
      FROM known SEMI JOIN broken USING (partner_id, ours)
      WHERE record_key NOT IN (SELECT ${key} FROM present)),
    refused AS (
      SELECT position, record, partner_id, ${account} AS account_id, ${domain} AS domain, NULL::VARCHAR AS partner_population, false AS is_gone
      FROM broken)
    SELECT row_of.*, seen.first_seen_at, fetched_at
    FROM (SELECT * FROM present UNION ALL SELECT * FROM absent UNION ALL SELECT * FROM kept UNION ALL SELECT * FROM refused) AS row_of
    LEFT JOIN (
      SELECT record_key, min(payload.first_seen_at) AS first_seen_at FROM ${rawTable('crossbeam', 'account_overlaps')}
      WHERE source = ${literal(source)} GROUP BY record_key) AS seen ON seen.record_key = ${key}
    CROSS JOIN (SELECT any_value(fetched_at) AS fetched_at FROM fetched))`;
  return {
    stream: 'account_overlaps',
    relation,
    fields: {},
    columns: {
      partner_id: 'partner_id',
      account_id: 'account_id',
      domain: 'domain',
      partner_population: 'partner_population',
      first_seen_at: 'coalesce(first_seen_at, fetched_at)',
    },
    is_deleted: 'is_gone::VARCHAR',
  };
}
