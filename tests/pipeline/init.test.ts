// `sourced init --connectors`: keys in the environment and the first page, with nothing else to write.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../core/config.ts';
import { connectors } from '../../ingest/registry.ts';
import { configText, systemNames, variablesOf } from '../../pipeline/commands/templates.ts';
import { registered, root } from '../../pipeline/workspace.ts';
import { sourced, temporaryDirectory } from '../workspace.ts';

const pages = readdirSync(join(root, 'docs', 'connectors'));
const environment = (names: readonly string[]) =>
  Object.fromEntries(variablesOf(names).map(({ variable }) => [variable, `https://${variable.toLowerCase()}.example`]));

test.each([
  { names: [], sources: ['sheets'] },
  { names: ['stripe', 'partnerstack', 'hubspot'], sources: ['prm', 'crm', 'billing'] },
  { names: ['hubspot', 'salesforce'], sources: ['hubspot', 'salesforce'] },
  ...systemNames.map((name) => ({ names: [name], sources: [expect.any(String)] })),
])('a template of $names is a configuration once its variables are set', ({ names, sources }) => {
  const text = configText(names);
  const env = { ...environment(names), CHARGEBEE_SITE: 'acme' };
  const config = loadConfig({ text, file: 'sourced.yaml', env, registered });
  expect(config.sources.map(({ name }) => name)).toEqual(sources);
});

test('the lines below a template that are commented out are options that there are', () => {
  const text = configText(systemNames).replaceAll(/^( {2,4})# (?=[- ] *\w+:|\w+:)/gm, '$1');
  const env = { ...environment(systemNames), CHARGEBEE_SITE: 'acme' };
  const config = loadConfig({ text, file: 'sourced.yaml', env, registered });
  expect(config.sources.find(({ connector }) => connector === 'hubspot')).toMatchObject({
    activities: [],
    objects: { deal_registrations: { object: '2-4410023' } },
  });
});

test('every system has a template and a page', () => {
  const apis = connectors.filter((connector) => 'objects' in connector).map(({ name }) => name);
  expect(systemNames.toSorted()).toEqual(apis.filter((name) => !name.startsWith('airbyte')).sort());
  for (const name of apis) expect(pages).toContain(`${name.replace('_', '-')}.md`);
});

test.each([...pages.map((page) => join('docs', 'connectors', page)), 'README.md'])(
  'the yaml of %s is taken',
  (page) => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```yaml\n(sources:.*?)^```$/gms)];
    expect(blocks.length).toBeGreaterThan(0);
    for (const [, block] of blocks) {
      const text = `company: Acme\nreporting: {currency: USD, time_zone: UTC}\n${block}`;
      const variables = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, variable]) => [variable!, 'https://a.example']);
      loadConfig({ text, file: page, env: Object.fromEntries(variables), registered });
    }
  },
);

test('init says which variables to set and where their values are; what is missing is said at once', async () => {
  const directory = join(temporaryDirectory(), 'acme');
  const { status, stdout } = await sourced(['init', directory, '--connectors', 'hubspot, stripe,partnerstack']);
  expect(status).toBe(0);
  const variables = ['PARTNERSTACK_PUBLIC_KEY', 'PARTNERSTACK_SECRET_KEY', 'HUBSPOT_TOKEN', 'STRIPE_API_KEY'];
  for (const variable of variables) expect(stdout).toMatch(new RegExp(`export ${variable}=… +# \\S`));
  expect(readFileSync(join(directory, 'sourced.yaml'), 'utf8')).toContain('connector: partnerstack');
  const check = await sourced(['check', '--workspace', directory]);
  expect(check.status).toBe(2);
  for (const variable of variables) expect(check.stderr).toContain(`${variable} is not set`);
});

test('a connector without a template is refused with the one that was meant', async () => {
  const { status, stderr } = await sourced(['init', join(temporaryDirectory(), 'acme'), '--connectors', 'hubspt']);
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/no template for the connector hubspt\n.*did you mean hubspot/),
  ]);
});
