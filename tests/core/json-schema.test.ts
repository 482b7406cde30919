import { expect, test } from 'vitest';
import { configJsonSchema } from '../../core/config.ts';
import { withDefinitions } from '../../core/json-schema.ts';
import { registered } from '../../pipeline/workspace.ts';

type Schema = { readonly $defs?: Readonly<Record<string, unknown>> };

/** Every reference replaced by what it names. */
function resolved({ $defs = {}, ...schema }: Schema): unknown {
  return JSON.parse(JSON.stringify(schema), (_, value) => {
    const name = /^#\/\$defs\/(\w+)$/.exec(value?.$ref)?.[1];
    return name ? resolved({ ...($defs[name] as object), $defs }) : value;
  });
}

test('what is written once means what was written everywhere', () => {
  const schema = configJsonSchema(registered);
  expect(resolved(withDefinitions(schema))).toEqual(JSON.parse(JSON.stringify(schema)));
});

test('the schema of sourced.yaml is as small as a picture', () => {
  expect(JSON.stringify(withDefinitions(configJsonSchema(registered))).length).toBeLessThan(130_000);
});

test('a property may be called like a keyword of JSON Schema', () => {
  const long = { type: 'string', description: 'a text that is long enough to be worth a definition of its own' };
  const schema = { type: 'object', properties: { items: long, properties: long, anyOf: long } };
  const shared = withDefinitions(schema);
  expect(shared).toMatchObject({ properties: { items: { $ref: '#/$defs/shared_1' } }, $defs: { shared_1: long } });
  expect(resolved(shared as Schema)).toEqual(schema);
});
