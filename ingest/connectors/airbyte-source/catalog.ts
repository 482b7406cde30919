// What a source offers (`discover`) and what of it is read: the configured catalog. Pure.
import { SourceError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import type { Field } from '../airbyte/mapping.ts';
import type { CatalogStream } from './protocol.ts';

/** What sourced.yaml asks of one Airbyte stream. */
export type WantedStream = {
  /** With its namespace (`crm.deals`) where the name alone would not do. */
  readonly name: string;
  readonly sync_mode?: 'incremental' | 'full_refresh' | undefined;
  readonly cursor_field?: string | undefined;
};

export type ConfiguredStream = {
  readonly stream: CatalogStream;
  readonly sync_mode: 'incremental' | 'full_refresh';
  readonly cursor_field: readonly string[];
  readonly primary_key: readonly (readonly string[])[];
};

/** How a stream is called here: with its namespace where it has one. */
export function nameOf({ name, namespace }: { name: string; namespace?: string | null | undefined }): string {
  return namespace ? `${namespace}.${name}` : name;
}

/** The wanted streams as they will be read, each once. Throws SourceError for one that the source does not have. */
export function configuredStreams(
  source: string,
  offered: readonly CatalogStream[],
  wanted: readonly WantedStream[],
): ConfiguredStream[] {
  return wanted.map((want) => {
    const stream = offered.find((each) => nameOf(each) === want.name) ?? offered.find(({ name }) => name === want.name);
    if (!stream) throw unknownStream(source, offered, want.name);
    const cursor_field = want.cursor_field ? want.cursor_field.split('.') : (stream.default_cursor_field ?? []);
    return {
      stream,
      sync_mode: syncMode(source, stream, want, cursor_field),
      cursor_field,
      primary_key: stream.source_defined_primary_key ?? [],
    };
  });
}

/** Incremental where the source can and its cursor is known, else everything every time. */
function syncMode(
  source: string,
  { name, supported_sync_modes, source_defined_cursor }: CatalogStream,
  { sync_mode }: WantedStream,
  cursor_field: readonly string[],
): ConfiguredStream['sync_mode'] {
  const supported = supported_sync_modes?.includes('incremental') === true;
  if (sync_mode === 'incremental' && !supported)
    throw new SourceError(`${source}: the source cannot read ${name} incrementally`, {
      hint: 'take `sync_mode: incremental` of this stream out of sourced.yaml',
    });
  if (sync_mode) return sync_mode;
  return supported && (source_defined_cursor || cursor_field.length > 0) ? 'incremental' : 'full_refresh';
}

function unknownStream(source: string, offered: readonly CatalogStream[], name: string): SourceError {
  const names = offered.map(nameOf);
  const known = didYouMean(name, names) || ` (it has ${names.join(', ') || 'none'})`;
  return new SourceError(`${source}: the source has no stream ${name}${known}`, {
    hint: 'name its streams as `from` under `streams` in sourced.yaml',
  });
}

/**
 * The catalog that `read` is given. `sync_id` counts the reads; everything that is read whole is a generation of its own, and
 * no earlier one is wanted.
 */
export function configuredCatalog(streams: readonly ConfiguredStream[], sync_id: number): object {
  return {
    streams: streams.map(({ stream, sync_mode, cursor_field, primary_key }) => ({
      stream,
      sync_mode,
      destination_sync_mode: destinationSyncMode(sync_mode, primary_key),
      cursor_field,
      primary_key,
      generation_id: sync_mode === 'full_refresh' ? sync_id : 0,
      minimum_generation_id: sync_mode === 'full_refresh' ? sync_id : 0,
      sync_id,
    })),
  };
}

function destinationSyncMode(sync_mode: string, primary_key: readonly unknown[]): string {
  if (sync_mode === 'full_refresh') return 'overwrite';
  return primary_key.length ? 'append_dedup' : 'append';
}

/** The fields of a stream, objects before their members; empty where its schema names none. */
export function fieldsOf({ json_schema }: CatalogStream): Field[] {
  return propertiesOf(json_schema, []);
}

/** Deeper members are kept in the record, but not offered as columns. */
const deepest = 5;

function propertiesOf(schema: unknown, parents: readonly string[]): Field[] {
  const { properties } = (schema ?? {}) as { properties?: Readonly<Record<string, unknown>> };
  if (!properties || parents.length >= deepest) return [];
  return Object.entries(properties).flatMap(([name, inner]) => {
    const path = [...parents, name];
    return [{ name: path.join('.'), path }, ...propertiesOf(inner, path)];
  });
}
