// What the contract suite must know of a connector: how to start its vendor's server on loopback, and what can happen there.
import type { StreamName } from '../../core/streams.ts';
import type { ApiConnector } from '../../ingest/connector.ts';

/** Chance in [0, 1). */
export type Random = () => number;

export type ContractFixture = {
  readonly connector: ApiConnector<never>;
  /** Columns that legitimately tell when they were read (`first_seen_at`): not compared. */
  readonly moment_columns?: Partial<Record<StreamName, readonly string[]>>;
  /** Every column of a record is in its key, so that a mended record is another one and the refused one waits to be waived. */
  readonly key_is_whole_record?: boolean;
  /**
   * Milliseconds after which everything that happened at the vendor is seen by a reading, with sweeps and lookback; default two
   * days.
   */
  readonly settles_in_ms?: number;
  /** Starts a server with a small company: 10 to 60 records an object. */
  start(options: { readonly now: () => number; readonly random: Random }): Promise<ContractServer>;
};

export type ContractServer = {
  /** Options of the source in sourced.yaml, without `name` and `connector`. Credentials are long and contain `canary`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Traps that a reading survives. */
  readonly traps: readonly string[];
  /** Traps that must end a reading with a SourceError, once; the next one recovers. */
  readonly fatal_traps: readonly string[];
  /** Sets exactly these traps anew. */
  arm(traps: readonly string[]): void;
  /** Lets one thing happen at the vendor (create, update, delete, merge, child change); says what. */
  change(random: Random): string;
  /** Record keys of what the vendor holds now, by stream, as a complete reading must end: the truth. */
  expected(): Partial<Record<StreamName, readonly string[]>>;
  /** Makes one record bad, so that the edge must refuse it: a required field gone, or of another type. */
  breakRecord(): { readonly stream: StreamName; readonly key: string };
  /** Removes a required field from every record of an object: the reading must halt. */
  breakEverything?(): void;
  /** Undoes `breakRecord` and `breakEverything`. */
  mend(): void;
  close(): Promise<void>;
};
