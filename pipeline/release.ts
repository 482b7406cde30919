// Writes a release: every table of schema `marts` as Parquet, a manifest, the site; then switches `current` by rename.
// A release is immutable. Its id digests rows, clock and configuration, so that the same knowledge has the same name.
import {
  closeSync,
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
import { join } from 'node:path';
import type { Manifest } from '../api/manifest.ts';
import type { LedgerHead } from '../attribution/commission/books-port.ts';
import type { Config } from '../core/config.ts';
import { endOfDay, localDate } from '../core/month.ts';
import { identifier, literal } from '../core/sql.ts';
import { type Audit, summarise } from './audit.ts';
import type { Digests } from './digests.ts';
import { sideBySide } from './lanes.ts';
import { fileDigest, releaseIdOf, rowsDigest } from './release-digest.ts';
import type { Session, Warehouse } from './warehouse.ts';
import type { Workspace } from './workspace.ts';

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
  const tables = await writeTables(warehouse, directory);
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

/** Writes every table, and gives what the manifest says of each, by name. */
async function writeTables(warehouse: Warehouse, directory: string): Promise<Manifest['tables']> {
  const names = await releaseTables(warehouse);
  const tables = new Map<string, Manifest['tables'][string]>();
  await sideBySide(warehouse, names, async (table, session) => {
    const file = join(directory, `${table}.parquet`);
    await writeTable(session, table, file);
    tables.set(table, { ...(await rowsDigest(session, table, file)), sha256: await fileDigest(file) });
  });
  return Object.fromEntries(names.toSorted().map((name) => [name, tables.get(name)!]));
}

/** Text that nobody looks anything up by: rows are not sorted by it. */
const unsortedColumns = ['detail', 'description'];

/**
 * Sorted by its columns from the left, so that a reader of one deal, figure or record opens few row groups. Records keep the
 * order of the log, stream by stream: to sort them with their payloads took more memory than all else together. Level 1 of zstd
 * makes these files no larger than its default.
 */
async function writeTable(warehouse: Session, table: string, file: string): Promise<void> {
  const names = await columnNames(warehouse, table);
  const order = names.includes('payload')
    ? []
    : names.filter((name) => !unsortedColumns.includes(name)).map(identifier);
  await warehouse.run(
    `COPY (SELECT * FROM marts."${table}" ${order.length ? `ORDER BY ${order.join(', ')}` : ''})
     TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
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

/** The directories of all published releases, in no order. */
export function releaseDirectories(workspace: Workspace): string[] {
  return readdirSync(workspace.releases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !entry.name.endsWith('.replaced'))
    .map((entry) => join(workspace.releases, entry.name));
}

/** Views first: they are the wide tables, and nothing long is left for the end. */
async function releaseTables(warehouse: Session): Promise<string[]> {
  const rows = await warehouse.rows<{ table_name: string }>(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' ORDER BY table_type = 'VIEW' DESC, table_name DESC`,
  );
  return rows.map((row) => row.table_name);
}

async function columnNames(warehouse: Session, table: string): Promise<string[]> {
  const rows = await warehouse.rows<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns
     WHERE table_schema = 'marts' AND table_name = ? ORDER BY ordinal_position`,
    [table],
  );
  return rows.map(({ column_name }) => column_name);
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
