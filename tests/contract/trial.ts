// One source in one warehouse under trial: runs are cut short where the schedule says so, and what came of them is compared.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from '../../core/errors.ts';
import { type StreamName, streams } from '../../core/streams.ts';
import type { VendorObject } from '../../ingest/api.ts';
import type { ApiConnector, ConnectorContext, IngestWarehouse, World } from '../../ingest/connector.ts';
import { ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';
import type { ContractFixture, Random } from './fixture.ts';

/** Stands for the end of the process; no code of ours may take it for a failure of the source. */
class Killed extends Error {}

/** Where a run is cut short: at the n-th time that it comes by. */
export type Kill = {
  readonly at: 'page' | 'kept page' | 'batch' | 'landed batch' | 'statement';
  readonly count: number;
};
export const killPlaces: readonly Kill['at'][] = ['page', 'kept page', 'batch', 'landed batch', 'statement'];

export type Outcome =
  | { readonly kind: 'done'; readonly loads: readonly Load[] }
  | { readonly kind: 'failed'; readonly error: SourceError }
  | { readonly kind: 'killed' };

export type RunOptions = {
  readonly kill?: Kill;
  /** A batch may end wherever the connector can resume; default: only where it must. */
  readonly small_batches?: boolean;
  readonly resync?: boolean;
};

/** Canonical payloads by key, of the records that are there now. */
export type Current = ReadonlyMap<StreamName, ReadonlyMap<string, string>>;

/** A clock that the vendor's server and the connector share; sleeping moves it at once. */
export type SimulatedClock = World & { advance(milliseconds: number): void };

export function simulatedClock(random: Random): SimulatedClock {
  let clock = Date.UTC(2026, 5, 1);
  return {
    now: () => clock,
    random,
    async sleep(milliseconds) {
      clock += milliseconds;
    },
    advance(milliseconds) {
      clock += milliseconds;
    },
  };
}

export const sourceName = 'trial';

const cursorTables = ['raw.cursor', 'raw.sweep', 'raw.sweep_key'];

export class Trial {
  readonly directory = temporaryDirectory();
  /** Every message that a run gave. */
  readonly messages: string[] = [];
  readonly fixture: ContractFixture;
  readonly options: Readonly<Record<string, unknown>>;
  readonly clock: World;
  readonly warehouse: Warehouse;

  private constructor(fixture: ContractFixture, options: Trial['options'], clock: World, warehouse: Warehouse) {
    this.fixture = fixture;
    this.options = options;
    this.clock = clock;
    this.warehouse = warehouse;
    mkdirSync(join(this.directory, '.sourced'));
  }

  static async open(fixture: ContractFixture, server: { options: Trial['options'] }, clock: World): Promise<Trial> {
    const parsed = fixture.connector.options.parse(server.options) as Trial['options'];
    return new Trial(fixture, parsed, clock, await openWarehouse(':memory:', { threads: 1 }));
  }

  async run({ kill, small_batches = false, resync = false }: RunOptions = {}): Promise<Outcome> {
    const tick = countdown(kill);
    const connector = watched(this.fixture.connector, { tick, small_batches });
    try {
      const loads = await ingest({
        config: { sources: [{ ...this.options, name: sourceName, connector: connector.name }] },
        workspace: {
          directory: this.directory,
          state: join(this.directory, '.sourced'),
          loads: join(this.directory, '.sourced', 'loads'),
        },
        warehouse: counted(this.warehouse, tick),
        connectors: [connector],
        world: this.clock,
        clock: () => new Date(this.clock.now()).toISOString(),
        ...(resync && { resync: sourceName }),
        log: (counts) => this.messages.push(JSON.stringify(counts)),
      });
      return { kind: 'done', loads };
    } catch (error) {
      this.messages.push(`${(error as Error).message} ${(error as SourceError).hint ?? ''} ${(error as Error).stack}`);
      if (error instanceof Killed) return { kind: 'killed' };
      if (error instanceof SourceError) return { kind: 'failed', error };
      throw error;
    }
  }

  /** A run that nothing cuts short and that must succeed. */
  async complete(options: RunOptions = {}): Promise<readonly Load[]> {
    const outcome = await this.run(options);
    if (outcome.kind === 'done') return outcome.loads;
    throw new Error(
      `a run without a trap ended ${outcome.kind}: ${outcome.kind === 'failed' ? outcome.error.message : ''}`,
    );
  }

  async current(): Promise<Current> {
    const found = new Map<StreamName, Map<string, string>>();
    for (const stream of this.fixture.connector.delivers) {
      const moments = new Set(this.fixture.moment_columns?.[stream] ?? []);
      const columns = streams[stream].columns.map(({ name }) => name).filter((name) => !moments.has(name));
      const values = columns.map((name) => `'${name}', payload."${name}"`).join(', ');
      const rows = await this.warehouse.rows<{ record_key: string; payload: string }>(
        `SELECT record_key, json_object(${values})::VARCHAR AS payload FROM ${this.table(stream)}
         WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded) ORDER BY record_key`,
      );
      const doubled = rows.find(({ record_key }, index) => record_key === rows[index + 1]?.record_key);
      if (doubled) throw new Error(`${stream} has two current versions of ${doubled.record_key}`);
      found.set(stream, new Map(rows.map(({ record_key, payload }) => [record_key, payload])));
    }
    return found;
  }

  table(stream: StreamName): string {
    return `raw."${this.fixture.connector.name}_${stream}"`;
  }

  /** All versions of all streams, tombstones too. */
  async versionCount(): Promise<number> {
    const counts = this.fixture.connector.delivers.map(
      (stream) => `SELECT count(*) AS count FROM ${this.table(stream)}`,
    );
    const [row] = await this.warehouse.rows<{ count: number }>(
      `SELECT sum(count)::INTEGER AS count FROM (${counts.join(' UNION ALL ')})`,
    );
    return row!.count;
  }

  /** What is in the log and where the cursors stand, as text: equal texts mean that nothing was committed in between. */
  async dump(): Promise<string> {
    const tables = [
      ...this.fixture.connector.delivers.map((stream) => this.table(stream)),
      'raw.load',
      'raw.quarantine',
      'raw.superseded',
      'raw.cursor',
      'raw.sweep_key',
      'raw.schema_drift',
    ];
    const lines: string[] = [];
    for (const table of tables) {
      const rows = await this.warehouse.rows<{ line: string }>(
        `SELECT to_json(entry)::VARCHAR AS line FROM ${table} AS entry ORDER BY ALL`,
      );
      lines.push(...rows.map(({ line }) => `${table} ${line}`));
    }
    return lines.join('\n');
  }

  /** Where all objects stand, sweeps under way included: what a reading goes on from. */
  async saved(): Promise<string> {
    const tables = await Promise.all(cursorTables.map((table) => this.warehouse.rows(`FROM ${table}`)));
    return JSON.stringify(tables, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  }

  /** Puts back what `saved` gave. */
  async restore(saved: string): Promise<void> {
    const tables = JSON.parse(saved) as Record<string, unknown>[][];
    for (const [index, table] of cursorTables.entries()) {
      await this.warehouse.run(`DELETE FROM ${table}`);
      for (const row of tables[index]!)
        await this.warehouse.run(
          `INSERT INTO ${table} BY NAME SELECT ${Object.keys(row).map((name) => `? AS ${name}`)}`,
          Object.values(row) as string[],
        );
    }
  }

  close(): void {
    this.warehouse.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

type Tick = (place: Kill['at']) => void;

function countdown(kill: Kill | undefined): Tick {
  let left = kill?.count ?? 0;
  return (place) => {
    if (place === kill?.at && --left === 0) throw new Killed(`killed at ${place} ${kill.count}`);
  };
}

/** The connector, seen from outside at each page and batch. */
function watched(
  connector: ApiConnector<never>,
  { tick, small_batches }: { tick: Tick; small_batches: boolean },
): ApiConnector<never> {
  const watch = (object: VendorObject): VendorObject => ({
    ...object,
    async *read(reading) {
      const pages = {
        async add(...page: Parameters<typeof reading.pages.add>) {
          tick('page');
          await reading.pages.add(...page);
          tick('kept page');
        },
        get is_full() {
          return small_batches || reading.pages.is_full;
        },
      };
      for await (const batch of object.read({ ...reading, pages })) {
        tick('batch');
        yield batch;
        tick('landed batch');
      }
    },
  });
  return {
    ...connector,
    objects: async (context: ConnectorContext<never>) => (await connector.objects(context)).map(watch),
  };
}

function counted(warehouse: IngestWarehouse, tick: Tick): IngestWarehouse {
  return {
    async run(sql, parameters) {
      tick('statement');
      await warehouse.run(sql, parameters);
    },
    async rows(sql, parameters) {
      tick('statement');
      return warehouse.rows(sql, parameters);
    },
    transaction: (work) => warehouse.transaction(work),
    frugally: (work) => warehouse.frugally(work),
  };
}

/** Throws an Error that lists the first differences; `what` says which two readings are compared. */
export function assertSame(what: string, left: Current, right: Current): void {
  const differences: string[] = [];
  for (const stream of new Set([...left.keys(), ...right.keys()])) {
    const [ours, theirs] = [left.get(stream) ?? new Map(), right.get(stream) ?? new Map()];
    for (const key of new Set([...ours.keys(), ...theirs.keys()]))
      if (ours.get(key) !== theirs.get(key))
        differences.push(`${stream} ${key}:\n  ${ours.get(key) ?? 'not there'}\n  ${theirs.get(key) ?? 'not there'}`);
  }
  if (differences.length)
    throw new Error(`${what}: ${differences.length} records differ\n${differences.slice(0, 4).join('\n')}`);
}

/** Throws an Error that lists keys that are lost, or there though they should not be. */
export function assertKeys(
  what: string,
  current: Current,
  expected: Partial<Record<StreamName, readonly string[]>>,
): void {
  for (const [stream, keys] of Object.entries(expected) as [StreamName, readonly string[]][]) {
    const found = current.get(stream) ?? new Map();
    const lost = keys.filter((key) => !found.has(key));
    const extra = [...found.keys()].filter((key) => !keys.includes(key));
    if (lost.length || extra.length)
      throw new Error(
        `${what}: of ${keys.length} ${stream}, ${lost.length} are lost (${lost.slice(0, 3).join(', ')}) and ${extra.length} are too many (${extra.slice(0, 3).join(', ')})`,
      );
  }
}
