// Writes a release of the tiny company as real Parquet with a site beside it, publishes it as `publish` does, and opens an
// app over it with one key per role.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../api/app.ts';
import type { KeyStore, Principal } from '../../api/auth.ts';
import type { Manifest } from '../../api/manifest.ts';
import { type ReleaseTable, releaseTables } from '../../api/tables.ts';
import { openBooks } from '../../pipeline/books.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { made } from '../made.ts';
import { tables } from './tiny-company.ts';
import { type Cell, deals, methods, type Tables } from './tiny-money.ts';

/** Tables with a column for each method. */
const withMethods = ['fct_attribution_weight', 'fct_touch_weight'];

export interface ReleaseRequest {
  readonly releasesDirectory: string;
  readonly release_id: string;
  /** The last decision that its figures know of; 0 by default. */
  readonly decision_sequence?: number;
  readonly shift_minor?: bigint;
  /** Rows that stand in for those of the tiny company. */
  readonly replaced?: Tables;
  readonly without?: readonly ReleaseTable[];
  /** Columns that every table gets beside its own, as a later release may. */
  readonly further?: readonly string[];
}

/** Writes a release directory; `current` still names the one before. */
export async function writeRelease(request: ReleaseRequest): Promise<string> {
  const { releasesDirectory, release_id, shift_minor = 0n, replaced = {}, without = [], further = [] } = request;
  const directory = join(releasesDirectory, release_id);
  const name = JSON.stringify([shift_minor, replaced, without, further], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const digest = createHash('sha256').update(name).digest('hex');
  cpSync(await made(`api-${digest}`, (place) => writeTables(place, request)), directory, { recursive: true });
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({ ...manifestOf(release_id), decision_sequence: request.decision_sequence ?? 0 }),
  );
  writeSite(join(directory, 'site'), release_id);
  return directory;
}

async function writeTables(
  directory: string,
  { shift_minor = 0n, replaced = {}, without = [], further = [] }: ReleaseRequest,
): Promise<void> {
  const warehouse = await openWarehouse(':memory:');
  for (const [table, rows] of Object.entries({ ...tables(shift_minor), ...replaced })) {
    if (without.includes(table as ReleaseTable)) continue;
    const types: Record<string, string> = { ...releaseTables[table as ReleaseTable] };
    for (const name of further) types[name] ??= 'VARCHAR';
    if (withMethods.includes(table)) for (const method of methods) types[method] = 'BIGINT';
    const columns = Object.entries(types).map(([name, type]) => `"${name}" ${type}`);
    await warehouse.run(`CREATE TABLE ${table} (${columns.join(', ')})`);
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const values = rows.map((row) => `(${names.map((name) => literal(row[name] ?? null)).join(', ')})`);
    if (rows.length)
      await warehouse.run(
        `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES ${values.join(', ')}`,
      );
    await warehouse.run(`COPY ${table} TO '${join(directory, `${table}.parquet`)}' (FORMAT parquet)`);
  }
  warehouse.close();
}

function literal(value: Cell): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function manifestOf(release_id: string): Manifest {
  return {
    release_id,
    created_at: '2026-03-01T12:30:00Z',
    as_of: '2026-03-01T12:00:00Z',
    previous_release_id: null,
    company: 'Tiny Cloud',
    reporting_currency: 'USD',
    time_zone: 'America/New_York',
    fiscal_year_start_month: 1,
    lookback_days: 180,
    methods: [...methods],
    code_digest: 'c0de',
    config_digest: 'c0f1',
    tables: { dim_deal: { rows: deals.length, sha256: '0'.repeat(64) } },
    audits: { total: 2, passed: 1, warned: 1, failed: 0 },
    freshness: [{ source: 'crm', stream: 'deals', last_load_at: '2026-03-01T00:00:00Z' }],
    decision_sequence: 0,
    ledger_head: null,
  };
}

const siteFiles = [
  'leadership/index.html',
  'revops/index.html',
  'revops/deals.html',
  'finance/index.html',
  'trust/index.html',
  'partner/index.html',
  '_observablehq/client.0a1b2c3d.js',
  '_import/components/frame.deadbeef.js',
  '_node/d3/index.js',
  'secret.html',
  '_file/data/leadership/month.1234abcd.json',
  '_file/data/revops/credit.1234abcd.json',
  '_file/data/finance/close.1234abcd.json',
  '_file/data/trust/audits.1234abcd.json',
  '_file/notes.1234abcd.json',
];

function writeSite(directory: string, release_id: string): void {
  for (const file of siteFiles) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), `${file} of ${release_id}`);
  }
}

/** Switches `current` by rename, as `publish` does. */
export function publish(releasesDirectory: string, release_id: string): void {
  const link = join(releasesDirectory, '.current');
  rmSync(link, { force: true });
  symlinkSync(release_id, link);
  renameSync(link, join(releasesDirectory, 'current'));
}

export const secrets = {
  leadership: 'key-of-leadership',
  revops: 'key-of-revops',
  finance: 'key-of-finance',
  partner: 'key-of-partner-1',
  other_partner: 'key-of-partner-2',
} as const;

const principals: Readonly<Record<string, Principal>> = {
  [secrets.leadership]: { key_id: 'k1', person: 'Lena', role: 'leadership', partner_id: null },
  [secrets.revops]: { key_id: 'k2', person: 'Ravi', role: 'revops', partner_id: null },
  [secrets.finance]: { key_id: 'k3', person: 'Finn', role: 'finance', partner_id: null },
  [secrets.partner]: { key_id: 'k4', person: 'Pia', role: 'partner', partner_id: 'crm:P-1' },
  [secrets.other_partner]: { key_id: 'k5', person: 'Otto', role: 'partner', partner_id: 'crm:P-2' },
};

/** A key store in memory, of which keys can be revoked. */
export function keyStore(): KeyStore & { revoke(key_id: string): void } {
  const revoked = new Set<string>();
  const unlessRevoked = (principal: Principal | undefined) =>
    principal && !revoked.has(principal.key_id) ? principal : undefined;
  return {
    find: (secret) => unlessRevoked(Object.hasOwn(principals, secret) ? principals[secret] : undefined),
    active: (key_id) => unlessRevoked(Object.values(principals).find((principal) => principal.key_id === key_id)),
    revoke: (key_id) => void revoked.add(key_id),
  };
}

export const FIRST = 'aaaaaaaaaaaaaaaa';
export const SECOND = 'bbbbbbbbbbbbbbbb';

/** An app over a fresh directory with one published release; `close` removes both. */
export async function tinyApp(request: Partial<ReleaseRequest> & { now?: () => number } = {}) {
  const releasesDirectory = mkdtempSync(join(tmpdir(), 'sourced-api-'));
  await writeRelease({ releasesDirectory, release_id: FIRST, ...request });
  publish(releasesDirectory, FIRST);
  const keys = keyStore();
  const books = openBooks(join(releasesDirectory, 'books.sqlite'), { busy_timeout_ms: 50 });
  const { decisions } = books;
  const now = request.now ? { now: request.now } : {};
  const app = await buildApp({ releasesDirectory, keys, decisions, logger: true, ...now });
  const get = (url: string, secret: string = secrets.leadership, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${secret}`, ...headers } });
  const close = async () => {
    await app.close();
    books.close();
    rmSync(releasesDirectory, { recursive: true, force: true });
  };
  return { app, get, keys, decisions, releasesDirectory, close };
}
