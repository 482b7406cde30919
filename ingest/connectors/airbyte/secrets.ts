// Which values of an Airbyte source's configuration are secrets: its shape is the source's own, so no schema of ours marks them.

const secretName = /secret|token|password|passwd|api_?key|private|credential|auth/i;
const shortest = 4;

/**
 * The secrets in `config`: values that came from the environment, those under a name that speaks of a secret, and those that
 * the source's specification marks (`marked` are their names).
 */
export function secretsIn(
  config: unknown,
  { environment, marked = new Set() }: { environment: NodeJS.ProcessEnv; marked?: ReadonlySet<string> },
): string[] {
  const texts = leaves(config);
  const named = texts.filter(
    ({ name, value }) => value.length >= shortest && (secretName.test(name) || marked.has(name)),
  );
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value && value.length >= 8 && !ordinary.test(name) ? [value] : [],
  );
  const filledIn = variables.filter((variable) => texts.some(({ value }) => value.includes(variable)));
  return [...new Set([...named.map(({ value }) => value), ...filledIn])];
}

/** Variables of any process that are no secrets: their values are paths and the like. */
const ordinary = /^(PATH|HOME|PWD|OLDPWD|INIT_CWD|SHELL|LANG|TERM|TMPDIR|USER|LOGNAME|HOSTNAME|npm_.*)$/;

function leaves(value: unknown, name = ''): { name: string; value: string }[] {
  if (typeof value === 'string') return [{ name, value }];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, isList ? name : key));
}

/** The names of properties that a JSON Schema marks as secret. */
export function markedSecrets(schema: unknown): Set<string> {
  const marked = new Set<string>();
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ((value as { airbyte_secret?: unknown }).airbyte_secret === true) marked.add(name);
    for (const [key, inner] of Object.entries(value)) visit(inner, key);
  };
  visit(schema, '');
  return marked;
}
