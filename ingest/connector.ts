// What every connector gives: its options, a check, and what can be read. Landing is the same for all of them.
// Two kinds: a connector of files opens one extract per stream; one of an API reads vendor objects batch by batch (api.ts).
import type { z } from 'zod';
import type { StreamName } from '../core/streams.ts';
import type { VendorObject } from './api.ts';

export type Parameter = string | number | bigint | boolean | null;

/** What ingest asks of the warehouse; pipeline/warehouse.ts gives it. */
export interface IngestWarehouse {
  run(sql: string, parameters?: readonly Parameter[]): Promise<void>;
  rows<Row extends object>(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>;
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** With little memory first; where that is too little, `work` is run again, and goes on where it was left. */
  frugally<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The places of a workspace that ingest uses. */
export interface IngestWorkspace {
  readonly directory: string;
  /** `.sourced`: temporary files go below it. */
  readonly state: string;
  readonly loads: string;
}

export interface ConnectorContext<Options> {
  /** The name of the source in sourced.yaml. */
  readonly source: string;
  readonly options: Options;
  readonly workspace: IngestWorkspace;
  readonly warehouse: IngestWarehouse;
  /** The machine's clock, sleep and chance, as parameters so that tests can hold them still. */
  readonly world: World;
}

/** What a connector may use of the world outside. */
export interface World {
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
  /** How often a request is tried; default 6. `check` has a person waiting and tries less. */
  readonly attempts?: number;
}

/** One line of `sourced check`. */
export interface CheckLine {
  readonly subject: string;
  readonly ok: boolean;
  readonly detail: string;
}

type ConnectorBase<Options> = {
  /** The value of `connector:` in sourced.yaml. */
  readonly name: string;
  /** Its keys in sourced.yaml, beside `name` and `connector`. */
  readonly options: z.ZodObject;
  /** The canonical streams that it can deliver: those it has staging models for. */
  readonly delivers: readonly StreamName[];
  /** Says whether the source can be read, without reading it whole. */
  check(context: ConnectorContext<Options>): Promise<CheckLine[]>;
};

export type FileConnector<Options = unknown> = ConnectorBase<Options> & {
  /** The streams to read, each opened on its own so that one failure leaves the others alone. */
  streams(context: ConnectorContext<Options>): Promise<StreamReader[]>;
};

export type ApiConnector<Options = unknown> = ConnectorBase<Options> & {
  /** The vendor's objects to read, each with a cursor of its own, so that one failure leaves the others alone. */
  objects(context: ConnectorContext<Options>): Promise<VendorObject[]>;
};

export type Connector<Options = unknown> = FileConnector<Options> | ApiConnector<Options>;

export interface StreamReader {
  readonly stream: StreamName;
  /** Throws SourceError when what the source gives cannot be trusted: a missing column, an empty or cut file, a page that is HTML. */
  open(): Promise<Extract>;
}

/**
 * Records of one stream that are ready to be read by SQL: a file, or pages landed as bytes. No value passes through JavaScript.
 * `relation` yields one row per record in the source's order; all other members are SQL over its columns.
 */
export interface Extract {
  readonly stream: StreamName;
  /** What people know it by: a path, an endpoint. */
  readonly origin: string;
  /** SHA-256 of the bytes; the same digest under the same mapping as the last load is not read again. */
  readonly digest: string;
  /** How the source's fields became canonical columns; kept with the load. */
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly relation: string;
  /** The relation to try when reading the first one fails: a laxer dialect of the same file. */
  readonly fallback_relation?: string;
  /** Canonical columns that the source has. An absent one is empty in every record. */
  readonly columns: Readonly<Record<string, string>>;
  /** JSON of what is not mapped. */
  readonly other?: string;
  /** When the source says that this version was made (RFC 3339). */
  readonly source_time?: string;
  /** `true` marks a tombstone. */
  readonly is_deleted?: string;
  /** A reason (`reason` or `reason:field`) for rows that are no record of this stream at all, else NULL. */
  readonly refusal?: string;
  /** The record as it was sent, for records that `refusal` refuses. */
  readonly verbatim?: string;
  /** False only when it is certain that no text holds U+0000. */
  readonly can_hold_nul: boolean;
  /** The number of the first record: 2 below a header. */
  readonly first_record: number;
  /**
   * After the relation was read: a SELECT of (record BIGINT, record_id, reason, detail, payload) for the records it had to
   * leave out. Throws SourceError when they show that the source was cut.
   */
  unreadable?(warehouse: IngestWarehouse, staged: { readonly table: string; readonly rows: number }): Promise<string>;
  /** Removes temporary files. */
  dispose?(): Promise<void>;
}
