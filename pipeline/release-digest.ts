// The digests that name a release: of its rows, which make its id, and of its files.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Manifest } from '../api/manifest.ts';
import { identifier, literal } from '../core/sql.ts';
import { canonicalJson, sha256 } from './digests.ts';
import type { Session } from './warehouse.ts';

/** Columns that tell when or in which order something was learned, how old it is or in which words it was asked, not what is true: they are not in the release id. */
const volatileColumns: Readonly<Record<string, readonly string[]>> = {
  // The payload of a record is in its version_hash.
  lineage_record: ['payload', 'loaded_at', 'load_id', 'file', 'sequence', 'record', 'version_sequence'],
  // An unchanged file is a load of repeats only: its counts tell how often it was read.
  audit_freshness: [
    'last_load_at',
    'loaded_at',
    'age_hours',
    'age_minutes',
    'is_stale',
    'status',
    'detail',
    'load_id',
    'fetched',
    'accepted',
    'repeats',
    'quarantined',
  ],
  audit_check: ['detail', 'query'],
  audit_quarantine: ['name', 'record', 'quarantine_id', 'quarantined_at', 'load_id', 'detail', 'payload'],
  fct_exception: ['since_at'],
  fct_attribution_gap: ['oldest_at'],
  fct_commission_entry: ['sequence', 'batch', 'batch_id', 'hash', 'posted_at', 'recorded_at'],
};

/** The name of what is known: a digest of clock, configuration and the rows of every table. */
export function releaseIdOf({
  as_of,
  config_digest,
  tables,
}: Pick<Manifest, 'as_of' | 'config_digest' | 'tables'>): string {
  const digests = Object.fromEntries(Object.entries(tables).map(([table, { digest }]) => [table, digest]));
  return sha256(canonicalJson({ as_of, config: config_digest, tables: digests })).slice(0, 16);
}

/**
 * The digest of a table's rows, as the Parquet file holds them: the sums of both halves of every row's MD5. It depends on the
 * rows alone, not on their order, and needs one scan. That a file is the one published is what its SHA-256 is for.
 */
export async function rowsDigest(
  warehouse: Session,
  table: string,
  file: string,
): Promise<{ rows: number; digest: string }> {
  const columns = await warehouse.rows<{ column_name: string }>(`DESCRIBE FROM read_parquet(${literal(file)})`);
  const names = columns.map(({ column_name }) => column_name);
  const kept = names.filter((name) => !volatileColumns[table]?.includes(name)).sort();
  const [sums] = await warehouse.rows<{ rows: bigint; upper: bigint | null; lower: bigint | null }>(`
    SELECT count(*) AS rows, sum((digest >> 64)::UBIGINT) AS upper, sum((digest & 18446744073709551615)::UBIGINT) AS lower
    FROM (SELECT md5_number(json_array(${kept.map(identifier).join(', ')})) AS digest FROM read_parquet(${literal(file)}))`);
  const { rows, upper, lower } = sums!;
  return { rows: Number(rows), digest: sha256(`${kept.join(',')} ${rows} ${upper} ${lower}`) };
}

/** SHA-256 of a file in hex, without holding it in memory. */
export async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
