// How the fields of a source become canonical columns: renamed, set to a constant, or translated value by value.
// The options are part of sourced.yaml; the result is SQL over the source's own fields.
import { z } from 'zod';
import { SourceError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { literal } from '../core/sql.ts';
import { type StreamName, streams } from '../core/streams.ts';
import { columnNames, isOneOf } from './sql.ts';

/** Optional fields of any record beside the canonical columns: when this version was made, and whether it is a tombstone. */
export const versionColumns = ['updated_at', 'is_deleted'] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const valueMap = z
  .object({ from: z.string().describe('the field of the source') })
  .catchall(z.array(scalar))
  .describe('canonical value: list of theirs');

/** `columns`, `constants` and `values` of one stream; keys are canonical columns. */
export function mappingOptions(stream: StreamName) {
  const canonical = [...columnNames(stream), ...versionColumns];
  const keyed = <Value extends z.ZodType>(value: Value) =>
    z.strictObject(Object.fromEntries(canonical.map((name) => [name, value.optional()])));
  return {
    columns: keyed(z.string()).describe('canonical column: their column').optional(),
    constants: keyed(scalar).describe('canonical column: one value for every record').optional(),
    values: keyed(valueMap).describe('canonical column: {from: their column, <value>: [theirs, …]}').optional(),
  };
}

export type Mapping = {
  readonly columns?: Readonly<Record<string, string | undefined>> | undefined;
  readonly constants?: Readonly<Record<string, string | undefined>> | undefined;
  readonly values?: Readonly<Record<string, ValueMap | undefined>> | undefined;
};
type ValueMap = { readonly from: string } & Readonly<Record<string, string | readonly string[]>>;

export type MappedColumns = {
  /** SQL by canonical column (and `updated_at`, `is_deleted`); columns that the source lacks are absent. */
  readonly columns: Readonly<Record<string, string>>;
  /** Fields of the source that no canonical column takes as they are. */
  readonly unmapped: readonly string[];
};

/**
 * Maps `fields` (the source's, in order) to the stream's columns; `expression` gives the SQL of a field as text.
 * Throws SourceError that names every column that is missing, with the field that was probably meant.
 */
export function mapColumns({
  stream,
  fields,
  mapping,
  expression,
  origin,
}: {
  stream: StreamName;
  fields: readonly string[];
  mapping: Mapping;
  expression: (field: string) => string;
  origin: string;
}): MappedColumns {
  const problems: string[] = [];
  const field = (name: string, wanted: string): string => {
    if (fields.includes(name)) return expression(name);
    problems.push(`there is no column \`${name}\`${wanted}${meant(name, fields)}`);
    return 'NULL';
  };
  const columns: Record<string, string> = {};
  const taken = new Set<string>();
  for (const name of [...columnNames(stream), ...versionColumns]) {
    const constant = mapping.constants?.[name];
    const values = mapping.values?.[name];
    const theirs = mapping.columns?.[name] ?? name;
    if (constant !== undefined) columns[name] = literal(constant);
    else if (values)
      columns[name] = translated(field(values.from, ` that \`values.${name}\` reads`), values, isBoolean(stream, name));
    else if (mapping.columns?.[name] || fields.includes(name)) {
      columns[name] = field(theirs, ` for \`${name}\``);
      taken.add(theirs);
    }
  }
  for (const { name, required } of streams[stream].columns)
    if (required && !(name in columns))
      problems.push(
        `the column \`${name}\` is missing${meant(
          name,
          fields.filter((field) => !taken.has(field)),
        )}`,
      );
  if (problems.length)
    throw new SourceError(`${origin}: ${problems.join('; ')}`, {
      hint: `${stream} needs ${required(stream).join(', ')}; name their columns under \`columns\` in sourced.yaml, or fill them with \`constants\` or \`values\``,
    });
  return { columns, unmapped: fields.filter((name) => !taken.has(name)) };
}

function required(stream: StreamName): string[] {
  return streams[stream].columns.filter((column) => column.required).map(({ name }) => name);
}

function isBoolean(stream: StreamName, name: string): boolean {
  return (
    name === 'is_deleted' || streams[stream].columns.some((column) => column.name === name && column.type === 'boolean')
  );
}

/**
 * Their values as canonical ones. A value in no list stays as it is, and is refused later where it is not canonical;
 * only a boolean with one of its two lists takes every other value for the opposite. A blank stays blank.
 */
function translated(source: string, { from: _, ...lists }: ValueMap, boolean: boolean): string {
  const branches = Object.entries(lists).flatMap(([canonical, theirs]) =>
    theirs.length ? [`WHEN ${isOneOf(source, theirs as string[])} THEN ${literal(canonical)}`] : [],
  );
  const [only, ...more] = Object.keys(lists);
  const rest = boolean && !more.length && only ? literal(only === 'true' ? 'false' : 'true') : source;
  return `CASE WHEN ${source} IS NULL THEN NULL ${branches.join(' ')} ELSE ${rest} END`;
}

function meant(name: string, fields: readonly string[]): string {
  const all = fields.map((field) => `\`${field}\``).join(', ');
  return didYouMean(name, fields) || (all && ` (there is ${all})`);
}
