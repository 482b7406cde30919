// Options that every connector of an API has are checked when sourced.yaml is read, not when the system is asked.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { connectors } from '../../ingest/registry.ts';
import { unwrapped } from '../../ingest/secret.ts';

const options = connectors.flatMap(({ name, options: { shape } }) =>
  Object.entries(shape).map(([option, schema]) => ({ name, option, schema: schema as z.ZodType })),
);
const named = (pattern: RegExp) => options.filter(({ option }) => pattern.test(option));

test.each(named(/^time_zone$/))('$name takes no time zone that the warehouse does not know', ({ schema }) => {
  expect(['America/New_York', 'UTC'].map((zone) => schema.safeParse(zone).success)).toEqual([true, true]);
  expect(z.prettifyError(schema.safeParse('America/NewYork').error!)).toContain('did you mean `America/New_York`?');
  expect(schema.safeParse('+05:30').success).toBe(false);
});

test.each(named(/^(base|token)_url$/))('$name: $option is an address of the web', ({ schema }) => {
  expect(schema.safeParse('http://localhost:4801').success).toBe(true);
  for (const wrong of ['localhost:4801', 'api.example.com', 'ftp://example.com'])
    expect(z.prettifyError(schema.safeParse(wrong).error!)).toContain('expected an address such as https://');
});

const secrets = options.filter(({ schema }) => unwrapped(schema).meta()?.secret);

test.each(secrets)('$name: $option is refused with a line break at its end, and is not shown', ({ schema }) => {
  expect(schema.safeParse('canary').success).toBe(true);
  const words = z.prettifyError(schema.safeParse('canary\n').error!);
  expect(words).toMatch(/begins or ends with a blank or a line break/);
  expect(words).not.toContain('canary');
});

test('the lists above are not empty', () => {
  expect([named(/^time_zone$/).length, named(/^(base|token)_url$/).length, secrets.length]).toEqual([3, 8, 9]);
});
