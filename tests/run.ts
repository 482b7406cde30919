// `npm test`: the fast checks, then every test. What the tests need beside npm packages (dbt's environment) is set up first.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitWith } from '../pipeline/exit.ts';
import { dbtPython } from '../pipeline/python.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  dbtPython((line) => process.stdout.write(`${line}\n`));
} catch (error) {
  exitWith(error);
}
run([join(root, 'tests', 'check.ts')]);
run([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)]);

function run(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
