// Pieces of SQL text: the payload and the key of a record version. No statement is sent from here.
import { identifier, literal } from '../core/sql.ts';
import { type StreamName, streams } from '../core/streams.ts';

/** Whether a value is one of these texts. DuckDB makes a join of a longer `IN`: 4 MB and a millisecond each, with no row at all. */
export function isOneOf(value: string, texts: readonly string[]): string {
  return `list_contains([${texts.map(literal).join(', ')}], ${value})`;
}

/** The raw table of a connector's stream. */
export function rawTable(connector: string, stream: StreamName): string {
  return `raw.${identifier(`${connector}_${stream}`)}`;
}

/** The type of `payload`: every canonical column as text, and `other`, the JSON of what the source sends beside them. */
export function payloadType(stream: StreamName): string {
  return `STRUCT(${[...columnNames(stream), 'other'].map((name) => `${identifier(name)} VARCHAR`).join(', ')})`;
}

export function columnNames(stream: StreamName): string[] {
  return streams[stream].columns.map(({ name }) => name);
}

/**
 * The record key: the key columns in order, a blank one empty, joined with `|`. In a key of several columns `\` and `|`
 * inside a value are escaped with `\`, so that two keys never meet.
 */
export function recordKey(stream: StreamName, column: (name: string) => string): string {
  const { key } = streams[stream];
  if (key.length === 1) return column(key[0]!);
  const part = (name: string) => `replace(replace(coalesce(${column(name)}, ''), '\\', '\\\\'), '|', '\\|')`;
  return key.map(part).join(` || '|' || `);
}
