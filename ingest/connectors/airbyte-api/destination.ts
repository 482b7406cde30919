// What the connector asks of a destination of Airbyte, whatever it is: which final tables it has, and their rows as lines of JSON.
/** A final table. `_airbyte_*` columns are not among its fields. */
export type Table = {
  /** What people know it by: `public.deals`, a folder. */
  readonly origin: string;
  readonly fields: readonly string[];
  /** Fields whose members can be named with dots. */
  readonly nested: readonly string[];
  /** Rows are one JSON document in `_airbyte_data`, with fields that no schema names. */
  readonly is_document: boolean;
  readonly has_generations: boolean;
};

/** How far a table has come. */
export type TableMark = {
  readonly rows: number;
  /** The latest generation as decimal text; `0` where the destination keeps none. */
  readonly generation: string;
  /** The latest `_airbyte_extracted_at`, RFC 3339 in UTC; null for an empty table. */
  readonly extracted_at: string | null;
};

export type TableRead = {
  readonly table: string;
  /** Only rows of this generation. */
  readonly generation?: string;
  /** Only rows that were extracted at this time (RFC 3339) or later. */
  readonly since?: string;
  /** Only these fields. */
  readonly fields?: readonly string[];
};

/**
 * One line a row: `{data: {…}, meta: {changes: […]}, extracted_at, generation}`; `data` holds the fields, and nothing of Airbyte.
 * All its reads see the same state of the tables where the destination can give that.
 */
export interface Destination {
  /** Throws SourceError when there is none: the message names what is there. `stream` is Airbyte's name for it. */
  table(stream: string): Promise<Table>;
  mark(table: string): Promise<TableMark>;
  /** Pieces of whole lines, in the order of extraction. */
  read(read: TableRead): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Names as destinations write them: every character that is not a letter, a digit or `_` becomes `_`. */
export function tableName(prefix: string, stream: string): string {
  return `${prefix}${stream}`.replaceAll(/[^\p{L}\p{N}_]/gu, '_');
}

/** The table of that name, else the only one that differs in upper and lower case. */
export function findTable(wanted: string, present: readonly string[]): string | undefined {
  if (present.includes(wanted)) return wanted;
  const alike = present.filter((name) => name.toLowerCase() === wanted.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
