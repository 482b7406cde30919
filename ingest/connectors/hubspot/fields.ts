// Which HubSpot properties fill which canonical columns: HubSpot's own by default, a company's own by `fields` in sourced.yaml.
import { z } from 'zod';
import { identifier, literal } from '../../../core/sql.ts';
import type { StreamName } from '../../../core/streams.ts';
import { columnNames, isOneOf } from '../../sql.ts';

/** A property, several of which the first that is filled counts, or a property whose values are translated. */
const fieldSource = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).min(1),
  z.object({ from: z.string().min(1) }).catchall(z.array(z.string())),
]);
export type FieldSource = string | readonly string[] | ({ readonly from: string } & Readonly<Record<string, unknown>>);
export type FieldSources = Readonly<Record<string, FieldSource | undefined>>;

/** `fields` of one stream in sourced.yaml; keys are canonical columns. */
export function fieldOptions(stream: StreamName) {
  const shape = Object.fromEntries(columnNames(stream).map((name) => [name, fieldSource.optional()]));
  return z
    .strictObject(shape)
    .describe('canonical column: HubSpot property, list of properties, or {from: property, <value>: [theirs, …]}');
}

export function propertiesOf(source: FieldSource | undefined): readonly string[] {
  if (source === undefined) return [];
  if (typeof source === 'string') return [source];
  return isList(source) ? source : [source.from];
}

/** SQL over the fields that `pathsOf` names. */
export function expressionOf(source: FieldSource): string {
  if (typeof source === 'string') return field(source);
  if (isList(source)) return `coalesce(${source.map((name) => `nullif(${field(name)}, '')`).join(', ')})`;
  const { from, ...lists } = source;
  const branches = Object.entries(lists).map(
    ([canonical, theirs]) => `WHEN ${isOneOf(field(from), theirs as string[])} THEN ${literal(canonical)}`,
  );
  return branches.length ? `CASE ${branches.join(' ')} ELSE ${field(from)} END` : field(from);
}

/** Where a property is in a record: name of the field → JSON path. */
export function pathsOf(properties: readonly string[]): Record<string, string> {
  return Object.fromEntries(properties.map((name) => [`p_${name}`, `$.properties."${name}"`]));
}

function field(property: string): string {
  return identifier(`p_${property}`);
}

function isList(source: Exclude<FieldSource, string>): source is readonly string[] {
  return Array.isArray(source);
}
