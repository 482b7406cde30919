// A workspace of files in a temporary directory, landed as `sourced ingest` would, with a clock that stands still.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StreamName } from '../../core/streams.ts';
import { type IngestOptions, ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { temporaryDirectory } from '../workspace.ts';

export type Version = {
  record_key: string;
  record: number;
  is_deleted: boolean;
  payload: Record<string, string | null>;
};
export type Refused = { record: number; record_id: string | null; reason: string; state: string };

/** A landing place: files go in with `write`, `load` reads them all, the rest looks at what came of it. */
export class Landing {
  readonly directory = temporaryDirectory();
  readonly workspace = {
    directory: this.directory,
    state: join(this.directory, '.sourced'),
    loads: join(this.directory, '.sourced', 'loads'),
  };
  readonly warehouse: Warehouse;
  options: Record<string, unknown> = {};

  private constructor(warehouse: Warehouse) {
    this.warehouse = warehouse;
    mkdirSync(this.workspace.state);
    mkdirSync(join(this.directory, 'sheets'));
  }

  static async open(): Promise<Landing> {
    return new Landing(await openWarehouse(':memory:'));
  }

  write(name: string, content: string | Uint8Array): this {
    const path = join(this.directory, 'sheets', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return this;
  }

  remove(name: string): this {
    rmSync(join(this.directory, 'sheets', name));
    return this;
  }

  load(more: Partial<IngestOptions> = {}): Promise<Load[]> {
    const config = { sources: [{ name: 'sheets', connector: 'files', directory: './sheets', ...this.options }] };
    const clock = () => '2026-01-31T12:00:00Z';
    return ingest({ config, workspace: this.workspace, warehouse: this.warehouse, clock, ...more });
  }

  /** Lands a single stream and gives its load. */
  async loadOne(name: string, content: string | Uint8Array): Promise<Load> {
    const [load] = await this.write(name, content).load();
    return load!;
  }

  async versions(stream: StreamName): Promise<Version[]> {
    const rows = await this.warehouse.rows<Version>(
      `SELECT record_key, record::DOUBLE AS record, is_deleted, payload FROM raw.files_${stream} ORDER BY sequence`,
    );
    return rows;
  }

  /** The current version of each key, as staging sees it. */
  async current(stream: StreamName): Promise<Version[]> {
    return this.warehouse.rows<Version>(
      `SELECT record_key, record::DOUBLE AS record, is_deleted, payload FROM raw.files_${stream}
       WHERE sequence NOT IN (SELECT sequence FROM raw.superseded) AND NOT is_deleted ORDER BY record_key`,
    );
  }

  refused(): Promise<Refused[]> {
    return this.warehouse.rows<Refused>(
      'SELECT record::DOUBLE AS record, record_id, reason, state FROM raw.quarantine ORDER BY stream, record',
    );
  }

  close(): void {
    this.warehouse.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** The deals of the public CRM export `maven_crm_sales`, mapped as sourced.yaml would. */
export const mavenDeals = {
  file: 'sales_pipeline.csv',
  columns: {
    deal_id: 'opportunity_id',
    account_id: 'account',
    created_at: 'engage_date',
    closed_at: 'close_date',
    amount: 'close_value',
  },
  constants: { currency: 'USD' },
  values: { is_won: { from: 'deal_stage', true: ['Won'] }, is_closed: { from: 'deal_stage', true: ['Won', 'Lost'] } },
};

/** A CSV of header and rows, each row as text. */
export function csv(header: string, ...rows: string[]): string {
  return `${[header, ...rows].join('\n')}\n`;
}
