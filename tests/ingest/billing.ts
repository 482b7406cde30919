// Billing systems against spreadsheets: one generated company, read as files and over a vendor's API, and what came of it.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streams } from '../../core/streams.ts';
import type { World } from '../../ingest/connector.ts';
import { ingest } from '../../ingest/ingest.ts';
import type { Load } from '../../ingest/load-log.ts';
import { connectorSchemas, connectors } from '../../ingest/registry.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { companyOf, createStore, type Store } from '../../sandbox/servers/company.ts';
import { temporaryDirectory } from '../workspace.ts';

export const billingStreams = [
  'billing_customers',
  'subscriptions',
  'invoices',
  'invoice_lines',
  'payments',
  'payment_adjustments',
] as const satisfies readonly StreamName[];
type BillingStream = (typeof billingStreams)[number];

const timeZone = 'America/New_York';
export type Row = Readonly<Record<string, string | null>>;
export type Refused = { stream: string; record_id: string | null; reason: string; field: string | null; state: string };

/** A source in a warehouse of its own, with a clock that tests move. */
export class Billing {
  readonly directory = temporaryDirectory();
  readonly warehouse: Warehouse;
  readonly source: Readonly<Record<string, unknown>> & { name: string; connector: string };
  /** Epoch milliseconds; a vendor's server may live by the same one. */
  readonly clock: { now: number };
  readonly slept: number[] = [];

  private constructor(warehouse: Warehouse, source: Billing['source'], clock: Billing['clock']) {
    this.warehouse = warehouse;
    this.source = source;
    this.clock = clock;
  }

  static async open(source: Billing['source'], clock: Billing['clock']): Promise<Billing> {
    return new Billing(await openWarehouse(':memory:', { threads: 1 }), source, clock);
  }

  load(resync?: string): Promise<Load[]> {
    const { source } = this;
    const world: World = {
      now: () => this.clock.now,
      sleep: async (milliseconds) => {
        this.slept.push(milliseconds);
      },
      random: () => 0.5,
    };
    const state = join(this.directory, '.sourced');
    return ingest({
      config: { sources: [{ ...connectorSchemas[source.connector]!.parse(source), ...source }] },
      workspace: { directory: this.directory, state, loads: join(state, 'loads') },
      warehouse: this.warehouse,
      connectors,
      world,
      clock: () => new Date(this.clock.now).toISOString(),
      ...(resync && { resync }),
    });
  }

  /** Current records by key, with instants as epoch seconds. */
  async rows(stream: BillingStream): Promise<Map<string, Row>> {
    const found = await this.warehouse.rows<{ record_key: string; payload: Row }>(
      `SELECT record_key, payload FROM raw.${this.source.connector}_${stream}
       WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded) ORDER BY record_key`,
    );
    return new Map(found.map(({ record_key, payload }) => [record_key, typed(stream, payload)]));
  }

  async counts(): Promise<Record<string, number>> {
    const counted: Record<string, number> = {};
    for (const stream of billingStreams) counted[stream] = (await this.rows(stream)).size;
    return counted;
  }

  refused(): Promise<Refused[]> {
    return this.warehouse.rows<Refused>(
      'SELECT stream, record_id, reason, field, state FROM raw.quarantine ORDER BY stream, record_id',
    );
  }

  close(): void {
    this.warehouse.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** A date is the start of that day where the company is; `other` is the vendor's and differs by nature. */
function typed(stream: StreamName, { other: _, ...payload }: Row): Row {
  const instants = streams[stream].columns.filter(({ type }) => type === 'instant');
  return { ...payload, ...Object.fromEntries(instants.map(({ name }) => [name, epoch(payload[name] ?? null)])) };
}

function epoch(text: string | null): string | null {
  if (text === null) return null;
  if (text.length > 10) return String(Math.floor(Date.parse(text) / 1000));
  return String(Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds / 1000);
}

/**
 * What a row says whatever it is called. A vendor names the steps of a dispute and a write-off itself, and has a list price on
 * every line; where the sheet has none, the price is the list price.
 */
export function comparable(stream: BillingStream, rows: ReadonlyMap<string, Row>): Row[] {
  const said = [...rows.values()].map((row): Row => {
    if (stream === 'invoice_lines') return { ...row, list_amount: row.list_amount ?? row.amount ?? null };
    if (stream !== 'payment_adjustments' || !/^(dispute_|write_off)/.test(row.kind ?? '')) return row;
    return { ...row, adjustment_id: null };
  });
  return said.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** A company that received one payment in each of these currencies. */
export function paymentsOf(amounts: Readonly<Record<string, string>>): Store {
  const payments = Object.entries(amounts).map(([currency, amount]) => ({
    payment_id: `PY-${currency}`,
    paid_at: '2026-05-01T00:00:00Z',
    amount,
    currency,
    status: 'succeeded',
  }));
  return createStore(companyOf({ payments }, '2026-06-01T00:00:00Z'));
}

/** What was read of its payments, by currency. */
export async function amountsIn(billing: Billing): Promise<Record<string, string | null>> {
  const rows = await billing.rows('payments');
  return Object.fromEntries([...rows.values()].map(({ currency, amount = null }) => [currency, amount]));
}
