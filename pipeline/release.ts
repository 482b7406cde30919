// Writes a release: every table of schema `marts` as Parquet, a manifest, the site; then switches `current` by rename.
// A release is immutable. Its id digests rows, clock and configuration, so that the same knowledge has the same name.
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Manifest } from '../api/manifest.ts';
import type { LedgerHead } from '../attribution/commission/books-port.ts';
import type { Config } from '../core/config.ts';
import { endOfDay, localDate } from '../core/month.ts';
import { type Audit, summarise } from './audit.ts';
import { canonicalJson, type Digests, sha256 } from './digests.ts';
import type { Warehouse } from './warehouse.ts';
import type { Workspace } from './workspace.ts';

/** Columns that tell when or in which order something was learned, not what is true: they are not in the release id. */
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
  audit_check: ['detail'],
  audit_quarantine: ['record', 'quarantine_id', 'quarantined_at', 'load_id', 'detail', 'payload'],
  fct_commission_entry: ['sequence', 'batch', 'batch_id', 'hash', 'posted_at', 'recorded_at'],
};

type TableFacts = { readonly rows: number; readonly digest: string; readonly sha256: string };

export type ReleaseInput = {
  readonly workspace: Workspace;
  readonly warehouse: Warehouse;
  readonly config: Config;
  /** The business clock, RFC 3339 in UTC. */
  readonly as_of: string;
  readonly digests: Digests;
  readonly audits: readonly Audit[];
  readonly ledger_head: LedgerHead;
  readonly created_at: string;
};

/** A release that is written but not yet current. */
export type StagedRelease = { readonly directory: string; readonly manifest: Manifest };

/** Writes tables and manifest into a fresh directory beside the releases; `publishRelease` makes it the current one. */
export async function stageRelease(input: ReleaseInput): Promise<StagedRelease> {
  const { workspace, warehouse } = input;
  const directory = join(workspace.releases, '.staging');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const tables: Record<string, TableFacts> = {};
  for (const table of await releaseTables(warehouse)) {
    const file = join(directory, `${table}.parquet`);
    await writeTable(warehouse, table, file);
    tables[table] = { ...(await rowsDigest(warehouse, table, file)), sha256: await fileDigest(file) };
  }
  const { attribution, reporting } = input.config;
  const release_id = releaseIdOf({ as_of: input.as_of, config_digest: input.digests.config, tables });
  const manifest: Manifest = {
    release_id,
    as_of: input.as_of,
    created_at: input.created_at,
    company: input.config.company,
    reporting_currency: reporting.currency,
    time_zone: reporting.time_zone,
    fiscal_year_start_month: reporting.fiscal_year_start_month,
    lookback_days: attribution.lookback_days,
    methods: attribution.methods,
    config_digest: input.digests.config,
    code_digest: input.digests.code,
    tables,
    audits: summarise(input.audits),
    freshness: await warehouse.rows('SELECT source, stream, last_load_at FROM marts.audit_freshness ORDER BY ALL'),
    ledger_head: input.ledger_head.sequence === 0n ? null : input.ledger_head.hash,
    ledger_sequence: Number(input.ledger_head.sequence),
    decision_sequence: await lastDecision(warehouse, input.as_of, reporting.time_zone),
    previous_release_id: previousRelease(workspace, release_id),
  };
  writeDurably(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { directory, manifest };
}

/** The last decision that these figures know of: the engine counts those of the business clock's day, too. */
async function lastDecision(warehouse: Warehouse, as_of: string, time_zone: string): Promise<number> {
  const day = localDate(Temporal.Instant.from(as_of).epochNanoseconds / 1000n, time_zone);
  const [row] = await warehouse.rows<{ sequence: bigint }>(
    `SELECT coalesce(max(sequence), 0) AS sequence FROM ledger.decision
     WHERE epoch_us(CAST(decided_at AS TIMESTAMPTZ)) <= ${endOfDay(day, time_zone)}`,
  );
  return Number(row?.sequence ?? 0n);
}

/** Text that nobody looks anything up by: rows are not sorted by it. */
const unsortedColumns = ['detail', 'description'];

/**
 * Sorted by its columns from the left, so that a reader of one deal, figure or record opens few row groups. Records keep the
 * order of the log, stream by stream: to sort them with their payloads took more memory than all else together.
 */
async function writeTable(warehouse: Warehouse, table: string, file: string): Promise<void> {
  const names = await columnNames(warehouse, table);
  const order = names.includes('payload')
    ? []
    : names.filter((name) => !unsortedColumns.includes(name)).map(identifier);
  await warehouse.run(
    `COPY (SELECT * FROM marts."${table}" ${order.length ? `ORDER BY ${order.join(', ')}` : ''})
     TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

/** The name of what is known: a digest of clock, configuration and the rows of every table. */
function releaseIdOf({ as_of, config_digest, tables }: Pick<Manifest, 'as_of' | 'config_digest' | 'tables'>): string {
  const digests = Object.fromEntries(Object.entries(tables).map(([table, { digest }]) => [table, digest]));
  return sha256(canonicalJson({ as_of, config: config_digest, tables: digests })).slice(0, 16);
}

/** Moves a staged release to its name and switches `current` to it; a reader sees the old one or the new one, whole. */
export function publishRelease(workspace: Workspace, staged: StagedRelease): string {
  const { release_id } = staged.manifest;
  const target = join(workspace.releases, release_id);
  syncTree(staged.directory);
  const replaced = `${target}.replaced`;
  rmSync(replaced, { recursive: true, force: true });
  if (existsSync(target)) renameSync(target, replaced);
  renameSync(staged.directory, target);
  const link = join(workspace.releases, '.current');
  rmSync(link, { force: true });
  symlinkSync(release_id, link, 'junction');
  renameSync(link, join(workspace.releases, 'current'));
  rmSync(replaced, { recursive: true, force: true });
  syncPath(workspace.releases);
  return release_id;
}

/** The release before this one; publishing the same release again keeps what came before it. */
function previousRelease(workspace: Workspace, release_id: string): string | null {
  const current = currentRelease(workspace);
  return current?.release_id === release_id ? current.previous_release_id : (current?.release_id ?? null);
}

/** The manifest of the current release, if there is one. */
export function currentRelease(workspace: Workspace): Manifest | undefined {
  return readManifest(join(workspace.releases, 'current'));
}

/** The manifest in a release's directory; undefined where there is none, or none that can be read. */
export function readManifest(directory: string): Manifest | undefined {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The tables of a published release whose file no longer has the digest of its manifest, with what is wrong. */
export async function verifyRelease(directory: string): Promise<string[]> {
  const manifest = readManifest(directory);
  const name = basename(directory);
  if (!manifest) return [`${name}/manifest.json is missing or cannot be read`];
  const problems = releaseIdOf(manifest) === name ? [] : [`${name}/manifest.json was changed after it was published`];
  for (const [table, facts] of Object.entries(manifest.tables)) {
    const file = join(directory, `${table}.parquet`);
    if (!existsSync(file)) problems.push(`${name}/${table}.parquet is missing`);
    else if ((await fileDigest(file)) !== facts.sha256)
      problems.push(`${name}/${table}.parquet was changed after it was published`);
  }
  return problems;
}

export function releaseDirectories(workspace: Workspace): string[] {
  return readdirSync(workspace.releases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !entry.name.endsWith('.replaced'))
    .map((entry) => join(workspace.releases, entry.name));
}

async function releaseTables(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.rows<{ table_name: string }>(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' ORDER BY table_name`,
  );
  return rows.map((row) => row.table_name);
}

/**
 * The digest of a table's rows, as the Parquet file holds them: the sums of both halves of every row's MD5. It depends on the
 * rows alone, not on their order, and needs one scan. That a file is the one published is what its SHA-256 is for.
 */
async function rowsDigest(
  warehouse: Warehouse,
  table: string,
  file: string,
): Promise<{ rows: number; digest: string }> {
  const names = await columnNames(warehouse, table);
  const kept = names.filter((name) => !volatileColumns[table]?.includes(name)).sort();
  const [sums] = await warehouse.rows<{ rows: bigint; upper: bigint | null; lower: bigint | null }>(`
    SELECT count(*) AS rows, sum((digest >> 64)::UBIGINT) AS upper, sum((digest & 18446744073709551615)::UBIGINT) AS lower
    FROM (SELECT md5_number(json_array(${kept.map(identifier).join(', ')})) AS digest FROM read_parquet(${literal(file)}))`);
  const { rows, upper, lower } = sums!;
  return { rows: Number(rows), digest: sha256(`${kept.join(',')} ${rows} ${upper} ${lower}`) };
}

async function columnNames(warehouse: Warehouse, table: string): Promise<string[]> {
  const rows = await warehouse.rows<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns
     WHERE table_schema = 'marts' AND table_name = ? ORDER BY ordinal_position`,
    [table],
  );
  return rows.map(({ column_name }) => column_name);
}

function identifier(name: string): string {
  return `"${name}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function writeDurably(file: string, text: string): void {
  writeFileSync(file, text);
  syncPath(file);
}

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) syncPath(join(entry.parentPath, entry.name));
  syncPath(directory);
}

function syncPath(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
