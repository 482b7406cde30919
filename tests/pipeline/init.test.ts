// `sourced init --connectors`: keys in the environment and the first page, with nothing else to write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../core/config.ts';
import { configText, systemNames, variablesOf } from '../../pipeline/commands/templates.ts';
import { registered } from '../../pipeline/workspace.ts';
import { sourced, temporaryDirectory } from '../workspace.ts';

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
