// The only reader of releases: opens the current one in DuckDB with nothing but its own Parquet files in reach, notices
// when `current` is switched, and closes a release once the last question to it is answered. What is asked is left to routes.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { literal } from '../core/sql.ts';
import { ApiProblem } from './errors.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type ReleaseTable, releaseTables } from './tables.ts';

export type Parameters = Readonly<Record<string, string | number | bigint | boolean | null>>;
export type DataRow = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** An open release. Values are text, bigint, number or boolean: queries format dates and instants themselves. */
export interface Release {
  readonly manifest: Manifest;
  readonly directory: string;
  /** Whether the release has this table; a table that it lacks reads as empty. */
  has(table: ReleaseTable): boolean;
  rows<Row extends object = DataRow>(sql: string, parameters?: Parameters): Promise<Row[]>;
}

/** A release held open until `end`. */
export interface Lease {
  readonly release: Release;
  end(): void;
}

export interface ReleaseStore {
  /** The current release, held open. Throws `no_release` where nothing was published. */
  lease(): Promise<Lease>;
  /** The current release as last seen, if any is open. */
  peek(): Release | undefined;
  close(): void;
}

export interface StoreOptions {
  /** Where `current` lies; or, for one release that is not published yet, that release itself. */
  readonly releasesDirectory?: string;
  readonly releaseDirectory?: string;
  readonly connections?: number;
  /** Told when a release that became current cannot be opened; the one before it stays in use. */
  readonly onError?: (error: unknown) => void;
}

const CONNECTIONS = 4;
const QUERY_SECONDS_MAX = 20;

/** Opens nothing yet: the first lease does. */
export function openReleaseStore(options: StoreOptions): ReleaseStore {
  const pointer = options.releaseDirectory ?? join(options.releasesDirectory ?? '.', 'current');
  let current: { readonly seen: string; readonly opening: Promise<OpenRelease> } | undefined;
  let opened: OpenRelease | undefined;

  function switchTo(seen: string): Promise<OpenRelease> {
    const before = current?.opening;
    const opening = openRelease(realpathSync(pointer), options.connections ?? CONNECTIONS).then(
      (release) => {
        opened?.retire();
        opened = release;
        return release;
      },
      (error) => {
        options.onError?.(error);
        if (before) return before;
        current = undefined;
        throw error;
      },
    );
    current = { seen, opening };
    return opening;
  }

  return {
    async lease() {
      const seen = identityOf(pointer);
      if (current && (seen === undefined || seen === current.seen)) return (await current.opening).lease();
      if (seen === undefined) throw noRelease();
      return (await switchTo(seen)).lease();
    },
    peek: () => opened,
    close() {
      opened?.retire();
      opened = undefined;
      current = undefined;
    },
  };
}

function noRelease(): ApiProblem {
  return new ApiProblem('no_release', 'Run `npx --no sourced run` first; its release appears here by itself.', {
    retry_after: 10,
  });
}

/** What tells one published release from the next, also when the same release was written again; one `stat`. */
function identityOf(pointer: string): string | undefined {
  const stats = statSync(join(pointer, 'manifest.json'), { throwIfNoEntry: false, bigint: true });
  return stats && `${stats.dev}:${stats.ino}:${stats.mtimeNs}`;
}

interface OpenRelease extends Release {
  lease(): Lease;
  /** Closes once nobody holds it. */
  retire(): void;
}

async function openRelease(directory: string, connectionCount: number): Promise<OpenRelease> {
  const manifest = readManifest(directory);
  const { instance, tables } = await openDuckdb([{ schema: 'main', directory, methods: manifest.methods }]);
  const pool = await openPool(instance, connectionCount);
  let holders = 0;
  let isRetired = false;
  let isClosed = false;
  const closeIfIdle = () => {
    if (!isRetired || holders > 0 || isClosed) return;
    isClosed = true;
    pool.close();
    instance.closeSync();
  };
  const release: OpenRelease = {
    manifest,
    directory,
    has: (table) => tables.has(table),
    rows: pool.rows,
    lease() {
      holders++;
      let isHeld = true;
      return {
        release,
        end() {
          if (isHeld) holders--;
          isHeld = false;
          closeIfIdle();
        },
      };
    },
    retire() {
      isRetired = true;
      closeIfIdle();
    },
  };
  return release;
}

/** Two releases side by side: the tables of one in schema `before`, those of the other in schema `after`. */
export interface ReleasePair {
  readonly before: Manifest;
  readonly after: Manifest;
  /** Statements run one after the other and may keep what they found in tables of their own. */
  rows: Pool['rows'];
  close(): void;
}

/** Opens two releases at once. Throws where one has no manifest that can be read. To be closed. */
export async function openReleasePair(directories: Readonly<Record<Side, string>>): Promise<ReleasePair> {
  const before = readManifest(directories.before);
  const after = readManifest(directories.after);
  // A method that only one of them has reads as null in the other.
  const methods = [...new Set([...before.methods, ...after.methods])];
  const { instance } = await openDuckdb(
    [
      { schema: 'before', directory: directories.before, methods },
      { schema: 'after', directory: directories.after, methods },
    ],
    PAIR_THREADS,
  );
  const { rows, close } = await openPool(instance, 1);
  return {
    before,
    after,
    rows,
    close() {
      close();
      instance.closeSync();
    },
  };
}

type Side = 'before' | 'after';

const PAIR_THREADS = 2;

interface Bound {
  readonly schema: string;
  readonly directory: string;
  readonly methods: readonly string[];
}

/** An in-memory DuckDB whose views are the releases' tables; it can read those files and nothing else. */
async function openDuckdb(
  releases: readonly Bound[],
  threads = 1,
): Promise<{ instance: DuckDBInstance; tables: ReadonlySet<string> }> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  const tables = new Set<string>();
  const files: string[] = [];
  for (const { schema, directory, methods } of releases) {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    for (const [table, columns] of Object.entries(columnsRead(methods))) {
      const file = join(directory, `${table}.parquet`);
      const exists = existsSync(file);
      if (exists) {
        tables.add(table);
        files.push(file);
      }
      await connection.run(await viewOf(connection, `${schema}.${table}`, columns, exists ? file : undefined));
    }
  }
  if (files.length > 0) await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  connection.closeSync();
  return { instance, tables };
}

/** What is read of each table; the weights have one column per method of the release. */
function columnsRead(methods: readonly string[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const weights = Object.fromEntries(methods.map((method) => [method, 'BIGINT']));
  return {
    ...releaseTables,
    fct_attribution_weight: { ...releaseTables.fct_attribution_weight, ...weights },
    fct_touch_weight: { ...releaseTables.fct_touch_weight, ...weights },
  };
}

async function viewOf(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, string>>,
  file: string | undefined,
): Promise<string> {
  const present = file === undefined ? [] : await columnsOf(connection, file);
  const expected = Object.entries(columns).map(
    ([name, type]) => `CAST(${present.includes(name) ? `"${name}"` : 'NULL'} AS ${type}) AS "${name}"`,
  );
  const source = file === undefined ? 'WHERE false' : `FROM read_parquet(${literal(file)})`;
  return `CREATE VIEW ${table} AS SELECT ${expected.join(', ')} ${source}`;
}

async function columnsOf(connection: DuckDBConnection, file: string): Promise<string[]> {
  const result = await connection.run(`DESCRIBE SELECT * FROM read_parquet(${literal(file)})`);
  return (await result.getRowObjects()).map((row) => String(row.column_name));
}

interface Pool {
  rows<Row extends object>(sql: string, parameters?: Parameters): Promise<Row[]>;
  close(): void;
}

/** A few connections; a question waits for a free one. A query that runs too long is interrupted. */
async function openPool(instance: DuckDBInstance, count: number): Promise<Pool> {
  const all = await Promise.all(Array.from({ length: count }, () => instance.connect()));
  const free = [...all];
  const waiting: ((connection: DuckDBConnection) => void)[] = [];
  const take = (): Promise<DuckDBConnection> => {
    const connection = free.pop();
    return connection ? Promise.resolve(connection) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (connection: DuckDBConnection) => {
    const next = waiting.shift();
    if (next) next(connection);
    else free.push(connection);
  };
  return {
    async rows<Row extends object>(sql: string, parameters?: Parameters) {
      const connection = await take();
      let isTooSlow = false;
      const timer = setTimeout(() => {
        isTooSlow = true;
        connection.interrupt();
      }, QUERY_SECONDS_MAX * 1000);
      try {
        const result = await connection.run(sql, parameters as Record<string, DuckDBValue> | undefined);
        return (await result.getRowObjects()) as Row[];
      } catch (error) {
        if (isTooSlow) throw new ApiProblem('too_slow', 'Ask for fewer months or a smaller page.', { retry_after: 5 });
        throw error;
      } finally {
        clearTimeout(timer);
        giveBack(connection);
      }
    },
    close() {
      for (const connection of all) connection.closeSync();
    },
  };
}
