// A JSON Schema in which what stands more than once is written once, under `$defs`.

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Shorter than this, a schema is no longer than the reference to it. */
const leastLength = 60;

/** Members that hold schemas by name: the map itself is none. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs']);

/** The same schema, where equal parts are references to one definition. Definitions are named in the order they are met. */
export function withDefinitions(schema: object): object {
  const uses = new Map<string, number>();
  const count = (part: Json) => {
    const text = JSON.stringify(part);
    uses.set(text, (uses.get(text) ?? 0) + 1);
    return uses.get(text) === 1; // the parts of a repeated part are not repeated by that
  };
  visit(schema as Json, count);
  const names = new Map<string, string>();
  const definitions: Record<string, Json> = {};
  const short = (part: Json): Json => {
    const text = JSON.stringify(part);
    if (text.length < leastLength || uses.get(text)! < 2) return mapParts(part, short);
    const known = names.get(text);
    const name = known ?? `shared_${names.size + 1}`;
    names.set(text, name);
    if (!known) definitions[name] = mapParts(part, short);
    return { $ref: `#/$defs/${name}` };
  };
  const main = mapParts(schema as Json, short);
  return { ...(main as object), ...(names.size && { $defs: definitions }) };
}

/** Calls `enter` for every schema below `part`, parents first; a parent for which it gives false is not entered. */
function visit(part: Json, enter: (part: Json) => boolean): void {
  if (!enter(part)) return;
  mapParts(part, (inner) => {
    visit(inner, enter);
    return inner;
  });
}

/** A copy of a schema with `change` made of each schema directly in it. */
function mapParts(schema: Json, change: (part: Json) => Json): Json {
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (schemaMaps.has(key) && isObject(value))
        return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]))];
      if (key === 'items' || key === 'additionalProperties' || key === 'propertyNames')
        return [key, isObject(value) ? change(value) : value];
      if (Array.isArray(value) && ['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(key))
        return [key, value.map(change)];
      return [key, value];
    }),
  );
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
