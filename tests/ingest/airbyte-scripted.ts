// An Airbyte source that says exactly what its configuration tells it to, right or wrong: `script.<command>` is a list of lines
// (objects are written as JSON, texts as they are) and of acts: {act: 'stderr'|'exit'|'kill'|'wait'|'state'}.
import { readFileSync } from 'node:fs';

type Act = { readonly act: string; readonly value?: number; readonly file?: string };
type Line = string | Act | Readonly<Record<string, unknown>>;

const [command = '', ...rest] = process.argv.slice(2);
const given = Object.fromEntries(
  rest.flatMap((word, index) => (word.startsWith('--') ? [[word.slice(2), rest[index + 1]]] : [])),
);
const config = given.config ? JSON.parse(readFileSync(given.config, 'utf8')) : {};
const script: Readonly<Record<string, readonly Line[]>> = config.script ?? {};
// `spec` is asked without a configuration: `--required <name>` is an argument of the source itself.
const spec = { type: 'SPEC', spec: { connectionSpecification: { required: given.required ? [given.required] : [] } } };
const lines = command === 'spec' ? [spec] : (script[command] ?? []);

for (const line of lines) {
  if (typeof line === 'string') await write(`${line}\n`);
  else if ('act' in line) await perform(line as Act);
  else await write(`${JSON.stringify(line)}\n`);
}

async function perform({ act, value = 0 }: Act): Promise<void> {
  if (act === 'exit') process.exit(value);
  else if (act === 'kill') process.kill(process.pid, 'SIGKILL');
  else if (act === 'wait') await new Promise((resolve) => setTimeout(resolve, value));
  else if (act === 'stderr') process.stderr.write('x'.repeat(value));
  // Says what it was given, so that a test can look at it.
  else if (act === 'state') process.stderr.write(`state ${readFileSync(given.state!, 'utf8')}\n`);
  else if (act === 'catalog') process.stderr.write(`catalog ${readFileSync(given.catalog!, 'utf8')}\n`);
  else if (act === 'environment') process.stderr.write(`environment ${Object.keys(process.env).sort().join(' ')}\n`);
}

function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
