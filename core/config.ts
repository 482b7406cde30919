// sourced.yaml → a typed Config, or a ConfigError that names file, line, column and what was probably meant.
import { z } from 'zod';
import { type Place, readYaml } from './config-text.ts';
import { exponentOf } from './currency.ts';
import { ConfigError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { motion, motionNames, plan, sourcingRule } from './programme.ts';
import { timeZone } from './time-zone.ts';

/** Options of each connector beside `name` and `connector`; ingest/registry.ts gives them. */
export type ConnectorSchemas = Readonly<Record<string, z.ZodObject>>;

/** What the rest of the house registers: connectors with their options, attribution methods by name. */
export type Registered = { readonly connectors: ConnectorSchemas; readonly methods: readonly string[] };

const currency = z
  .string()
  .refine((code) => exponentOf(code) !== undefined, 'expected an ISO 4217 currency such as USD');
const sourceName = z.string().regex(/^[a-z][a-z0-9_-]*$/i, 'expected a short name of letters, digits, - and _');

const settingsOf = (methods: readonly string[]) =>
  z.strictObject({
    company: z.string().min(1),
    reporting: z.strictObject({
      currency,
      time_zone: timeZone,
      fiscal_year_start_month: z.int().min(1).max(12).default(1),
    }),
    fx: z
      .strictObject({
        rate_date: z.enum(['payment_date', 'booking_date', 'month_end']).default('payment_date'),
        max_age_days: z.int().min(0).max(366).default(7),
      })
      .prefault({}),
    attribution: z
      .strictObject({
        scope: z.enum(['account', 'deal_contacts']).default('account'),
        lookback_days: z.int().min(1).max(3650).default(180),
        methods: z
          .array(z.enum(methods as [string, ...string[]]))
          .min(1)
          .refine(distinct, 'expected each method once')
          .default(['linear', 'last_touch']),
        path_transform: z.enum(['none', 'exposure', 'first', 'unique']).default('none'),
        time_decay: z.strictObject({ half_life_days: z.number().positive().max(3650).default(7) }).prefault({}),
        custom: z.strictObject({ weights: z.record(z.string(), z.int().min(0).max(1_000_000)) }).optional(),
        sourcing: z
          .array(sourcingRule)
          .refine((rules) => distinct(rules.map(({ rule }) => rule)), 'expected each rule once')
          .prefault([{ rule: 'deal_registration' }, { rule: 'partner_lead' }]),
        carry_months: z.int().min(0).max(1200).nullable().default(12),
      })
      .refine(({ methods, custom }) => !methods.includes('custom') || custom, {
        path: ['methods'],
        message: 'the method `custom` needs `custom: {weights: {<touch kind>: <whole number>}}`',
      })
      .prefault({}),
    motions: z.partialRecord(z.enum(motionNames), motion).default({}),
    plans: z.array(plan).default([]),
    contract_cost: z
      .strictObject({
        benefit_months: z.int().min(1).max(1200).default(36),
        practical_expedient: z.boolean().default(true),
      })
      .prefault({}),
    publish: z
      .strictObject({
        max_load_age_hours: z.number().positive().default(36),
        max_quarantine_share: z.number().min(0).max(1).default(0.01),
        block_on_stale: z.array(sourceName).default([]),
      })
      .prefault({}),
  });

/** One entry of `sources`: name, connector and that connector's own options. */
export type Source = { readonly name: string; readonly connector: string; readonly [option: string]: unknown };
export type Config = z.infer<ReturnType<typeof settingsOf>> & { readonly sources: readonly Source[] };

/** Who reads all sources (`true`), none (`false`) or the one of this name. */
export type ReadsSources = boolean | string;

/** The whole schema, with the options of the connectors at hand. `is_read` tells of each source whether they are looked at. */
export function configSchema({ connectors, methods }: Registered, is_read: readonly boolean[] = []) {
  const variants = Object.entries(connectors).map(([connector, options]) =>
    z.strictObject({ name: sourceName, connector: z.literal(connector), ...options.shape }),
  );
  const [first, ...others] = variants;
  if (!first) throw new Error('configSchema: no connector is registered');
  const names = Object.keys(connectors);
  const source = z.discriminatedUnion('connector', [first, ...others], {
    error: (issue) =>
      issue.code === 'invalid_union' ? `expected one of the connectors ${names.join(', ')}` : undefined,
  });
  const named = z.looseObject({ name: sourceName, connector: z.enum(names) });
  const each = is_read.map((read) => (read ? source : named)) as [typeof source, ...(typeof source)[]];
  return settingsOf(methods)
    .extend({ sources: is_read.length ? z.tuple(each) : z.array(source).min(1) })
    .superRefine((config, context) => {
      const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
      const names = config.sources.map((entry) => (entry as Source).name);
      for (const [index, name] of names.entries())
        if (names.indexOf(name) !== index) issue(['sources', index, 'name'], `a second source is called ${name}`);
      const plans = new Set(config.plans.map((entry) => entry.plan));
      for (const [name, { default_plan }] of Object.entries(config.motions))
        if (default_plan && !plans.has(default_plan))
          issue(
            ['motions', name, 'default_plan'],
            `there is no plan ${default_plan}${suggestion(default_plan, [...plans])}`,
          );
      const versions = config.plans.map((entry) => `${entry.plan} from ${entry.starts_on}`);
      for (const [index, version] of versions.entries())
        if (versions.indexOf(version) !== index) issue(['plans', index, 'starts_on'], `a second version of ${version}`);
      for (const [index, name] of config.publish.block_on_stale.entries())
        if (!names.includes(name))
          issue(['publish', 'block_on_stale', index], `there is no source ${name}${suggestion(name, names)}`);
    });
}

/** JSON Schema of sourced.yaml, for editors. */
export function configJsonSchema(registered: Registered): object {
  return z.toJSONSchema(configSchema(registered), { io: 'input', unrepresentable: 'any' });
}

/**
 * Reads the text of `file` (named in errors). `env` fills `${NAME}`; a missing variable is named, a value never. A
 * source that is not read needs no variables, and no more of it than its name and connector is checked.
 * Throws ConfigError with one line for each problem, `file:line:column: problem`.
 */
export function loadConfig({
  text,
  file,
  env,
  registered,
  reads_sources = true,
}: {
  text: string;
  file: string;
  env: Readonly<Record<string, string | undefined>>;
  registered: Registered;
  reads_sources?: ReadsSources;
}): Config {
  const { value: raw, place } = readYaml(text, file);
  const is_read = whichRead(raw, reads_sources);
  const unset: { path: PropertyKey[]; variable: string }[] = [];
  const filled = fillSecrets(raw, env, (path, variable) => {
    if (path[0] !== 'sources' || (is_read[Number(path[1])] ?? true)) unset.push({ path, variable });
  });
  if (unset.length)
    throw new ConfigError(
      unset.map(({ path, variable }) => `${place(path)}: the environment variable ${variable} is not set`).join('\n'),
      unset.map(({ variable }) => `export ${variable}=… before you run, or take the \${${variable}} out`).join('\n'),
      'secret_missing',
    );
  const parsed = configSchema(registered, is_read).safeParse(filled);
  if (parsed.success) return parsed.data as unknown as Config;
  const schema = configJsonSchema(registered);
  throw new ConfigError(parsed.error.issues.flatMap((issue) => describe(issue, schema, place, filled)).join('\n'));
}

/** Of each source of the file, in order. */
function whichRead(raw: unknown, reads_sources: ReadsSources): boolean[] {
  const { sources } = (raw ?? {}) as { sources?: unknown };
  if (!Array.isArray(sources)) return [];
  if (typeof reads_sources === 'boolean') return sources.map(() => reads_sources);
  return sources.map((source) => source?.name === reads_sources);
}

function describe(issue: z.core.$ZodIssue, schema: object, place: Place, value: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path, value);
    return issue.keys.map(
      (key) => `${place(issue.path, key)}: unknown key \`${key}\`${under(issue.path)}${suggestion(key, known)}`,
    );
  }
  if (issue.code === 'invalid_union' && issue.errors?.length) {
    const nearestBranch = [...issue.errors].sort(
      (left, right) => depth(right) - depth(left) || left.length - right.length,
    )[0]!;
    return nearestBranch.flatMap((inner) =>
      describe({ ...inner, path: [...issue.path, ...inner.path] }, schema, place, value),
    );
  }
  const given = valueAt(value, issue.path);
  const where = issue.path.length ? `\`${issue.path.join('.')}\`` : file(value);
  const problem = problemOf(issue, given);
  return [`${place(issue.path)}: ${where} ${problem}${valueHint(issue, given)}`];
}

function problemOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_type' && given === undefined) return `is missing (expected ${issue.expected})`;
  if (issue.code === 'invalid_type' && !issue.path.length) return 'must hold keys and values, such as `company: Acme`';
  return issue.message;
}

function file(value: unknown): string {
  return value === null ? 'the file is empty;' : 'the file';
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(...issues.map((issue) => issue.path.length));
}

function valueHint(issue: z.core.$ZodIssue, given: unknown): string {
  const known = issue.code === 'invalid_value' ? issue.values : 'options' in issue ? (issue.options as unknown[]) : [];
  return typeof given === 'string' ? suggestion(given, known.map(String), { list: false }) : '';
}

function under(path: readonly PropertyKey[]): string {
  return path.length ? ` under \`${path.join('.')}\`` : '';
}

function suggestion(given: string, known: readonly string[], { list = true } = {}): string {
  return didYouMean(given, known) || (list && known.length ? `; known: ${known.join(', ')}` : '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  const?: unknown;
};

/** The keys that the schema allows for the object under `path`; of a union, those of the variants that the value fits. */
function knownKeys(schema: object, path: readonly PropertyKey[], value: unknown): string[] {
  let found: JsonSchema[] = [schema as JsonSchema];
  let current = value;
  const widen = (inner: JsonSchema): JsonSchema[] => [
    inner,
    ...[...(inner.anyOf ?? []), ...(inner.oneOf ?? [])].flatMap(widen),
  ];
  for (const key of path) {
    current = (current as Record<PropertyKey, unknown> | undefined)?.[key];
    found = found.flatMap(widen).flatMap((inner) => {
      const next =
        typeof key === 'number' ? inner.items : (inner.properties?.[String(key)] ?? inner.additionalProperties);
      return next && typeof next === 'object' ? [next] : [];
    });
  }
  const fits = found.flatMap(widen).filter((inner) => {
    const tag = ['connector', 'rule', 'kind'].find((name) => inner.properties?.[name]?.const !== undefined);
    return !tag || inner.properties![tag]!.const === (current as Record<string, unknown> | undefined)?.[tag];
  });
  return [
    ...new Set(fits.flatMap((inner) => [...Object.keys(inner.properties ?? {}), ...(inner.propertyNames?.enum ?? [])])),
  ];
}

function fillSecrets(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  missing: (path: PropertyKey[], variable: string) => void,
  path: PropertyKey[] = [],
): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => {
      if (!env[variable]) missing(path, variable);
      return env[variable] ?? '';
    });
  if (Array.isArray(value)) return value.map((inner, index) => fillSecrets(inner, env, missing, [...path, index]));
  if (value && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, fillSecrets(inner, env, missing, [...path, key])]),
    );
  return value;
}

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
