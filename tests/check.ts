// `npm run check`: types, lint and format, house rules. Each is one tool, run side by side; all must pass.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = (path: string) => join(root, 'node_modules', path);

const checks: Readonly<Record<string, readonly string[]>> = {
  types: [tool('typescript/bin/tsc'), '-p', root],
  'lint and format': [tool('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', root],
  'house rules': [
    tool('vitest/vitest.mjs'),
    'run',
    'tests/house.test.ts',
    'tests/models/shape.test.ts',
    '--reporter=dot',
  ],
};

const results = await Promise.all(
  Object.entries(checks).map(async ([name, args]) => {
    const started = performance.now();
    const { status, output } = await run(args);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n${status === 0 ? '' : output}`);
    return status;
  }),
);
process.exit(results.every((status) => status === 0) ? 0 : 1);

function run(args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (status) => resolve({ status, output }));
  });
}
