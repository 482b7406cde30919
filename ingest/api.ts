// The contract of connectors that read an API: vendor objects fetched page by page, landed as bytes, mapped by SQL.
// Which pages exist and where to go on is the connector's; that nothing is lost, doubled or half committed is land-batch.ts's.
import type { StreamName } from '../core/streams.ts';

/** Plain JSON that a connector can go on from. */
export type State = Readonly<Record<string, unknown>>;

/**
 * One object of the vendor (deals, invoices, …) with a cursor of its own. It is fetched once; what its pages hold may feed
 * several canonical streams, and all of them are committed together with the cursor.
 */
export interface VendorObject {
  /** The vendor's name for it: `deals`. Names its cursor. */
  readonly object: string;
  /** The canonical records that are cut out of its pages; first the stream that it is read for. */
  readonly records: readonly RecordMapping[];
  /**
   * What else makes a saved cursor worthless when it changes: API version, filters, property lists. Never a clock or a secret.
   * When this or the SQL of `records` differs from what the cursor was saved under, the object is read from the start.
   */
  readonly query: Readonly<Record<string, unknown>>;
  /** Members whose own members are named by data (`metadata`): no schema drift is reported below them. Dotted paths. */
  readonly open_fields?: readonly string[];
  /**
   * Yields a batch whenever its pages may be committed: after each page if need be, at the latest when `pages.is_full`, and at
   * the end of the window. Everything added to `pages` since the last batch belongs to the batch. Throws SourceError.
   */
  read(reading: Reading): AsyncIterable<Batch>;
}

export interface Reading {
  /** As the last committed batch left it; null when nothing was read yet, or everything is to be read anew. */
  readonly state: State | null;
  /** Frozen when the reading begins, epoch milliseconds: the upper bound of windows is this minus the settle time. */
  readonly now: number;
  readonly pages: PageStore;
}

/** Keeps fetched pages on disk until they are committed. */
export interface PageStore {
  /**
   * Keeps a page. `pointer` finds its records, as a JSON path with a wildcard: `$.results[*]`, `$.list[*].invoice`; without one
   * every line (or concatenated JSON value) of `body` is a record. `kind` is found again as `fetched.kind`.
   */
  add(kind: string, body: Uint8Array | string, pointer?: string): Promise<void>;
  /** The batch is large enough: yield it at the next point that can be resumed from. */
  readonly is_full: boolean;
}

export interface Batch {
  /** Saved in the transaction that lands the batch; the next reading goes on from here. */
  readonly state: State;
  /** This batch is part of a reading of every key there is. */
  readonly sweep?: Sweep;
}

/**
 * A reading of every key of some streams. When it is complete, current records whose key no batch of the sweep held become
 * tombstones; more than 20 % of a stream halts it instead. Batches of one sweep carry the same `id`.
 */
export interface Sweep {
  readonly id: string;
  readonly streams: readonly StreamName[];
  /** What belongs to the swept records and goes with them: current records whose `column` names a record that is gone. */
  readonly children?: readonly { readonly stream: StreamName; readonly column: string }[];
  readonly is_complete: boolean;
}

/**
 * How records of one canonical stream are cut out of the batch. Its SQL reads temporary table `fetched`: `kind`, `record` (the
 * vendor's record, JSON), `position` (BIGINT, order of fetching) and `fetched_at` (RFC 3339 text, frozen per reading).
 */
export interface RecordMapping {
  readonly stream: StreamName;
  /**
   * A table expression with a column `record`, and `position` where the order matters; default
   * `(SELECT * FROM fetched WHERE kind = '<object>')`. Children: `(SELECT position, unnest(json_extract(record, '$.lines.data[*]')) AS record FROM fetched …)`.
   */
  readonly relation?: string;
  /** Fields of `record` as text by name, found by JSON path in one pass: `{id: '$.id', stage: '$.properties.dealstage'}`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Canonical column: SQL text over `fields` and the relation's columns. A blank text is NULL. An absent column is NULL. */
  readonly columns: Readonly<Record<string, string>>;
  /** The record as the vendor sent it, JSON; default `record`. */
  readonly other?: string;
  /**
   * When the vendor says that this version was made (RFC 3339). Give it only where a smaller time means an older version; of
   * equal times the later arrival is current. Without it the order of arrival decides.
   */
  readonly source_time?: string;
  /** SQL text; `true` marks a tombstone. */
  readonly is_deleted?: string;
  /** SQL text: a reason (`reason` or `reason:field`) for rows that are no record of this stream, else NULL. */
  readonly refusal?: string;
  /** SQL boolean: rows to leave out without a trace, such as vendor records that are no canonical record by definition. */
  readonly skip?: string;
  /**
   * The records are complete child sets of their parents: a current record whose `column` is one of `parents` (a SELECT of the
   * parents' ids as text) and that the batch does not hold becomes a tombstone.
   */
  readonly replaces?: { readonly column: string; readonly parents: string };
  /** Only the keys matter, for a sweep: nothing is appended. `columns` holds the key columns alone. */
  readonly presence_only?: boolean;
}
