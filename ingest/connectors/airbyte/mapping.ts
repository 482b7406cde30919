// How records that Airbyte delivers become canonical ones: the mapping of sourced.yaml over their fields, with what Airbyte
// itself says of a record: that it was deleted in the source, or that a value was emptied or cut on its way.
import { z } from 'zod';
import { SourceError } from '../../../core/errors.ts';
import { identifier, literal } from '../../../core/sql.ts';
import { type StreamName, streamNames, streams } from '../../../core/streams.ts';
import type { RecordMapping } from '../../api.ts';
import { type Mapping, mapColumns, mappingOptions, versionColumns } from '../../mapping.ts';
import { columnNames } from '../../sql.ts';
import { amountOfMinor, instantOfMilliseconds, instantOfSeconds } from '../../vendor-sql.ts';

const conversion = z.union([
  z.enum(['epoch_seconds', 'epoch_milliseconds', 'minor_units']),
  z.strictObject({ minor_units: z.string().describe('the field that holds the currency') }),
]);
type Conversion = z.infer<typeof conversion>;

/** What one canonical stream takes from one Airbyte stream. */
function airbyteMappingOptions(stream: StreamName) {
  const canonical = [...columnNames(stream), ...versionColumns];
  return {
    from: z.string().min(1).optional().describe(`the name of the Airbyte stream; default ${stream}`),
    ...mappingOptions(stream),
    convert: z
      .strictObject(Object.fromEntries(canonical.map((name) => [name, conversion.optional()])))
      .optional()
      .describe('canonical column: how it is written: epoch_seconds, epoch_milliseconds, minor_units'),
    allow_empty: z.boolean().optional().describe('no record at all is fine, also where there were some'),
  };
}

export type AirbyteMapping = Mapping & {
  readonly from?: string | undefined;
  readonly convert?: Readonly<Record<string, Conversion | undefined>> | undefined;
  readonly allow_empty?: boolean | undefined;
};

/** One canonical stream, or several Airbyte streams that together make one. */
function oneOrMore<Shape extends z.ZodType>(schema: Shape) {
  return z.union([schema, z.array(schema).min(1)]);
}

/** `streams` of sourced.yaml: a canonical stream from one Airbyte stream, or from a list of them. */
export function streamsOptions(more: (stream: StreamName) => z.ZodRawShape) {
  const entry = (stream: StreamName) =>
    oneOrMore(z.strictObject({ ...airbyteMappingOptions(stream), ...more(stream) })).optional();
  return z
    .strictObject(Object.fromEntries(streamNames.map((name) => [name, entry(name)])))
    .refine((streams) => Object.values(streams).some((value) => value !== undefined), 'expected at least one stream')
    .describe('canonical stream: {from: Airbyte stream, columns: {canonical: theirs}, …}, or a list of them');
}

export type StreamMapping<Options> = Options & { readonly stream: StreamName; readonly from: string };

/** The entries of `streams`, in canonical order; a list gives one entry for each of its members. */
export function entriesOf<Options extends AirbyteMapping>(
  streams: Readonly<Partial<Record<StreamName, Options | readonly Options[] | undefined>>>,
): StreamMapping<Options>[] {
  return streamNames.flatMap((stream) => {
    const given = streams[stream];
    if (!given) return [];
    const entries = (Array.isArray(given) ? given : [given]) as readonly Options[];
    return entries.map((entry) => ({ ...entry, stream, from: entry.from ?? stream }));
  });
}

/** Where a record and what Airbyte says about it stand in a fetched line, as JSON paths. */
export type Envelope = { readonly data: string; readonly changes: string };

/** A field by the name that sourced.yaml uses (members of objects with dots) and its path in the record. */
export type Field = { readonly name: string; readonly path: readonly string[] };

/** Change-data-capture sources mark a deleted row by this field. */
const deletedAt = '_ab_cdc_deleted_at';

/**
 * Throws SourceError for columns that are missing. Without `fields` (a stream whose schema names none) every field that the
 * mapping asks for is taken to be there.
 */
export function recordMapping({
  source,
  entry,
  kind,
  fields,
  envelope,
  source_time,
}: {
  source: string;
  /** Of the fetched lines that hold the records. */
  kind: string;
  entry: StreamMapping<AirbyteMapping>;
  fields: readonly Field[];
  envelope: Envelope;
  /** Where a record's version stands in time, as a JSON path, if no mapped column says it. */
  source_time?: string | undefined;
}): RecordMapping {
  const known = fields.length ? fields : askedFields(entry);
  const used = new Map<string, string>();
  const fieldText = (name: string): string => {
    const { path } = known.find((field) => field.name === name)!;
    used.set(`data.${name}`, jsonPath(envelope.data, path));
    return `nullif(${identifier(`data.${name}`)}, '')`;
  };
  const takenBy = new Map<string, string>();
  const { columns: found } = mapColumns({
    stream: entry.stream,
    fields: known.map(({ name }) => name),
    mapping: entry,
    expression: fieldText,
    origin: `${source}: ${entry.from}`,
  });
  const { updated_at: when, ...others } = found;
  const mapped = when && saysWhen(entry) ? { ...others, updated_at: when } : others;
  for (const column of Object.keys(mapped)) {
    const field = fieldOf(entry, column);
    if (known.some(({ name }) => name === field)) takenBy.set(column, field);
  }
  const converted = convertColumns(mapped, entry, { source, known, fieldText });
  const { updated_at, is_deleted, ...columns } = converted;
  const tombstone = is_deleted ?? (known.some(({ name }) => name === deletedAt) ? cdcDeleted(fieldText) : undefined);
  return {
    stream: entry.stream,
    relation: `(SELECT * FROM fetched WHERE kind = ${literal(kind)})`,
    fields: Object.fromEntries(used),
    columns,
    other: `json_extract(record, ${literal(envelope.data)})::VARCHAR`,
    ...(updated_at && { source_time: updated_at }),
    ...(!updated_at && source_time && { source_time: `json_extract_string(record, ${literal(source_time)})` }),
    ...(tombstone && { is_deleted: tombstone }),
    ...(takenBy.size > 0 && { refusal: alteredUpstream(takenBy, envelope) }),
  };
}

/**
 * The same mapping for lines of `kind` that hold nothing but what names a record: they say that it is still there. `fields` are
 * those that such a line must have.
 */
export function presenceMapping(mapping: RecordMapping, kind: string): { mapping: RecordMapping; fields: string[] } {
  const { stream, columns: all } = mapping;
  const columns = Object.fromEntries(streams[stream].key.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
  const text = Object.values(columns).join(' ');
  const used = Object.entries(mapping.fields).filter(([name]) => text.includes(identifier(name)));
  return {
    mapping: {
      stream,
      relation: `(SELECT * FROM fetched WHERE kind = ${literal(kind)})`,
      fields: Object.fromEntries(used),
      columns,
      presence_only: true,
    },
    fields: used.map(([name]) => name.slice('data.'.length).split('.')[0]!),
  };
}

/**
 * Many streams have an `updated_at` of their own, in any format and with any meaning: it orders versions only where sourced.yaml
 * says so.
 */
function saysWhen({ columns, constants, values, convert }: AirbyteMapping): boolean {
  return [columns, constants, values, convert].some((part) => part && 'updated_at' in part);
}

function fieldOf(entry: AirbyteMapping, column: string): string {
  return entry.values?.[column]?.from ?? entry.columns?.[column] ?? column;
}

/** The fields that sourced.yaml names. */
export function namedFields({ columns = {}, values = {}, convert = {} }: AirbyteMapping): string[] {
  return [
    ...Object.values(columns),
    ...Object.values(values).map((value) => value?.from),
    ...Object.values(convert).map((how) => (typeof how === 'object' ? how.minor_units : undefined)),
  ].filter((name) => name !== undefined);
}

function askedFields(entry: StreamMapping<AirbyteMapping>): Field[] {
  const names = namedFields(entry);
  const own = columnNames(entry.stream).filter((name) => !names.includes(name));
  return [...new Set([...names, ...own, deletedAt])].map((name) => ({ name, path: name.split('.') }));
}

function jsonPath(root: string, path: readonly string[]): string {
  return [root, ...path.map((name) => JSON.stringify(name))].join('.');
}

function cdcDeleted(fieldText: (name: string) => string): string {
  return `CASE WHEN ${fieldText(deletedAt)} IS NULL THEN 'false' ELSE 'true' END`;
}

// ---- values as the source writes them ----

type Converting = {
  readonly source: string;
  readonly known: readonly Field[];
  readonly fieldText: (name: string) => string;
};

function convertColumns(
  columns: Readonly<Record<string, string>>,
  entry: StreamMapping<AirbyteMapping>,
  converting: Converting,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, text]) => {
      const how = entry.convert?.[name];
      return [name, how ? convert(text, how, columns, entry, converting) : text];
    }),
  );
}

function convert(
  text: string,
  how: Conversion,
  columns: Readonly<Record<string, string>>,
  { stream, from }: StreamMapping<AirbyteMapping>,
  { source, known, fieldText }: Converting,
): string {
  if (how === 'epoch_seconds') return instantOfSeconds(text);
  if (how === 'epoch_milliseconds') return instantOfMilliseconds(text);
  const hint = `write {minor_units: <field of the currency>} under \`streams.${stream}.convert\` in sourced.yaml`;
  if (how === 'minor_units') {
    if (!columns.currency) throw new SourceError(`${source}: ${from} has no currency for its minor units`, { hint });
    return amountOfMinor(text, columns.currency);
  }
  if (!known.some(({ name }) => name === how.minor_units))
    throw new SourceError(`${source}: ${from} has no field ${how.minor_units}`, { hint });
  return amountOfMinor(text, fieldText(how.minor_units));
}

// ---- what Airbyte changed ----

/** A mapped value that Airbyte emptied or cut is not what the source said: the record waits until a person has looked. */
function alteredUpstream(takenBy: ReadonlyMap<string, string>, { changes }: Envelope): string {
  const altered = `json_extract_string(record, ${literal(`${changes}[*].field`)})`;
  const branches = [...takenBy].map(([column, field]) => {
    const names = [...new Set([field, field.split('.')[0]!])].map(literal).join(', ');
    return `WHEN list_has_any(${altered}, [${names}]) THEN ${literal(`altered_upstream:${column}`)}`;
  });
  return `CASE WHEN json_array_length(record, ${literal(changes)}) > 0 THEN CASE ${branches.join(' ')} END END`;
}
