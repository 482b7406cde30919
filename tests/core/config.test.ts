// sourced.yaml: what is right loads with every default; what is wrong is named with its place and what was meant.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { configJsonSchema, loadConfig } from '../../core/config.ts';
import { ConfigError } from '../../core/errors.ts';

const connectors = {
  files: z.object({ directory: z.string() }),
  stripe: z.object({ api_key: z.string() }),
};

const registered = { connectors, methods: ['linear', 'last_touch'] };

const good = `company: Acme
reporting: {currency: USD, time_zone: America/New_York}
sources:
  - {name: sheets, connector: files, directory: ./sheets}
attribution:
  lookback_days: 90
  sourcing:
    - {rule: deal_registration}
    - {rule: crm_field}
motions:
  referral: {default_plan: ref}
plans:
  - plan: ref
    starts_on: 2026-01-01
    currency: USD
    components: [{kind: percent, rate: "0.20"}]
    cap: {per: customer, amount: "2000.00"}
`;

const load = (text: string, env: Record<string, string> = {}) =>
  loadConfig({ text, file: 'sourced.yaml', env, registered });

function problem(text: string): ConfigError {
  try {
    load(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('expected a ConfigError');
}

test('defaults are filled in', () => {
  const config = load(good);
  expect(config.attribution).toMatchObject({ scope: 'account', carry_months: 12, methods: ['linear', 'last_touch'] });
  expect(config.attribution.sourcing[0]).toEqual({ rule: 'deal_registration', protection_days: 90, grace_days: 0 });
  expect(config.plans[0]).toMatchObject({
    trigger: 'paid',
    earns_on: { sourced: true },
    clawback_days: null,
    hold_days: 0,
  });
  expect(config.reporting.fiscal_year_start_month).toBe(1);
});

describe('an error names file, line, column, and what was meant', () => {
  test.each([
    [
      'lookback_days',
      'lookbak_days',
      /^sourced.yaml:6:3: unknown key `lookbak_days` under `attribution`; did you mean `lookback_days`\?/,
    ],
    ['"0.20"', '"15"', /:16:.*expected a share between "0" and "1" \(15 % is "0.15"\)/],
    ['"0.20"', '0.2', /:16:.*expected a decimal string in quotes/],
    ['America/New_York', 'America/NewYork', /^sourced.yaml:2:.*IANA time zone.*did you mean `America\/New_York`/],
    ['currency: USD, time', 'currency: XXZ, time', /^sourced.yaml:2:.*ISO 4217/],
    ['rule: crm_field', 'rule: crm_fild', /:9:.*did you mean `crm_field`\?/],
    ['  referral: {', '  refferal: {', /:11:3: unknown key `refferal` under `motions`; did you mean `referral`\?/],
    ['directory:', 'direktory:', /unknown key `direktory`.*did you mean `directory`/],
    ['default_plan: ref', 'default_plan: rfe', /there is no plan rfe; did you mean `ref`\?/],
    ['"2000.00"', '"2000.001"', /:17:.*at most 2 decimals in USD/],
    ['starts_on: 2026-01-01', 'starts_on: 2026-02-30', /:14:.*expected a date/],
    ['lookback_days: 90', 'lookback_days: -1', /:6:/],
    ['company: Acme', 'compny: Acme', /`company` is missing[\s\S]*unknown key `compny`.*`company`/],
    ['connector: files', 'connector: filez', /:4:.*one of the connectors files, stripe; did you mean `files`\?/],
  ])('%s → %s', (from, to, message) => expect(problem(good.replace(from, to)).message).toMatch(message));

  test('YAML that does not parse, a key twice, an empty file', () => {
    expect(problem('company: [').message).toMatch(/^sourced.yaml:1:/);
    expect(problem(`${good}company: Again\n`).message).toMatch(/^sourced.yaml:18:1/);
    expect(problem('').message).toMatch(/the file|is missing/);
    expect(problem('- company').message).toMatch(/the file must hold keys and values/);
  });

  test('one syntax error, not its consequences; aliases that hold themselves', () => {
    const error = problem(good.replace('./sheets', `\${SHEETS}/here`));
    expect(error.message).toMatch(/^sourced.yaml:4:\d+: [^\n]+$/);
    expect(error.hint).toMatch(/quotes/);
    expect(problem(good.replace('Acme', '&a [*a]')).message).toMatch(/the aliases/);
  });
});

describe('secrets', () => {
  const text = good.replace('connector: files, directory: ./sheets', `connector: stripe, api_key: "\${STRIPE_KEY}"`);

  test('come from the environment', () =>
    expect(load(text, { STRIPE_KEY: 'sk_1' }).sources[0]).toMatchObject({ api_key: 'sk_1' }));

  test('a missing one is named, with its place', () => {
    const error = problem(text);
    expect(error.message).toMatch(/^sourced.yaml:4:.*STRIPE_KEY is not set/);
    expect(error.code).toBe('secret_missing');
  });
});

test('the JSON Schema for editors knows the keys', () =>
  expect(JSON.stringify(configJsonSchema(registered))).toMatch(/lookback_days.*deal_registration/));
