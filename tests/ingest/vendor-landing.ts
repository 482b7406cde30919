// A vendor's sandbox server and the sources that read it, landed as `sourced ingest` would, with a clock that tests move.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streams } from '../../core/streams.ts';
import { type IngestOptions, ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';
import { type StillWorld, stillWorld } from './world.ts';

export type SourceEntry = { readonly name: string; readonly connector: string; readonly [option: string]: unknown };
export type CanonicalRow = Readonly<Record<string, string | number | null>>;

export class VendorLanding {
  readonly directory = temporaryDirectory();
  readonly workspace = {
    directory: this.directory,
    state: join(this.directory, '.sourced'),
    loads: join(this.directory, '.sourced', 'loads'),
  };
  readonly warehouse: Warehouse;
  readonly world: StillWorld;
  sources: readonly SourceEntry[];

  private constructor(warehouse: Warehouse, world: StillWorld, sources: readonly SourceEntry[]) {
    this.warehouse = warehouse;
    this.world = world;
    this.sources = sources;
    mkdirSync(this.workspace.state);
  }

  static async open({ now, sources }: { now: number; sources: readonly SourceEntry[] }): Promise<VendorLanding> {
    return new VendorLanding(await openWarehouse(':memory:', { threads: 1 }), stillWorld({ now }), sources);
  }

  load(more: Partial<IngestOptions> = {}): Promise<Load[]> {
    const { workspace, warehouse, world, sources } = this;
    const clock = () => new Date(world.now()).toISOString();
    return ingest({ config: { sources }, workspace, warehouse, world, clock, ...more });
  }

  /** The current records of a stream by key, values by meaning: instants as epoch milliseconds, amounts without trailing zeros. */
  async current(connector: string, stream: StreamName): Promise<Map<string, CanonicalRow>> {
    const rows = await this.warehouse.rows<{ record_key: string; payload: Record<string, string | null> }>(
      `SELECT record_key, payload FROM raw."${connector}_${stream}"
       WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded) ORDER BY record_key`,
    );
    return new Map(rows.map(({ record_key, payload }) => [record_key, meaningOf(stream, payload)]));
  }

  /** Every version of a record in order of arrival. */
  async versions(
    connector: string,
    stream: StreamName,
    key: string,
  ): Promise<{ is_deleted: boolean; row: CanonicalRow }[]> {
    const rows = await this.warehouse.rows<{ is_deleted: boolean; payload: Record<string, string | null> }>(
      `SELECT is_deleted, payload FROM raw."${connector}_${stream}" WHERE record_key = ? ORDER BY sequence`,
      [key],
    );
    return rows.map(({ is_deleted, payload }) => ({ is_deleted, row: meaningOf(stream, payload) }));
  }

  refused(): Promise<{ stream: string; record_id: string; reason: string }[]> {
    return this.warehouse.rows(
      `SELECT stream, record_id, reason FROM raw.quarantine WHERE state = 'open' ORDER BY stream, record_id`,
    );
  }

  close(): void {
    this.warehouse.close();
  }
}

function meaningOf(stream: StreamName, payload: Readonly<Record<string, string | null>>): CanonicalRow {
  return Object.fromEntries(
    streams[stream].columns.map(({ name, type }) => {
      const text = payload[name] ?? null;
      if (text === null) return [name, null];
      if (type === 'instant') return [name, instantOf(text)];
      if (type === 'amount') return [name, text.includes('.') ? text.replace(/\.?0+$/, '') : text];
      return [name, name === 'domain' ? text.replace(/^www\./, '').toLowerCase() : text];
    }),
  );
}

/** A date is the start of its day in the sandbox company's time zone. */
function instantOf(text: string): number {
  if (text.length > 10) return Date.parse(text);
  return Temporal.PlainDate.from(text).toZonedDateTime('America/New_York').epochMilliseconds;
}
