// `npm test`: the fast checks, then every test. What the tests need beside npm packages (dbt's environment) is set up meanwhile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitWith } from '../pipeline/exit.ts';
import { dbtPython } from '../pipeline/python.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const checks = run([join(root, 'tests', 'check.ts')]);
try {
  dbtPython((line) => process.stdout.write(`${line}\n`));
} catch (error) {
  exitWith(error);
}
await checks;
await run([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)]);

async function run(args: readonly string[]): Promise<void> {
  const [status] = await once(spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }), 'exit');
  if (status !== 0) process.exit(status ?? 1);
}
