// `dbt …`: the pinned dbt-core on this project, for people. The workspace is the current directory's, or SOURCED_WORKSPACE.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dbtEnvironment, dbtProject } from './dbt.ts';
import { exitWith } from './exit.ts';
import { dbtPython } from './python.ts';
import { places } from './workspace.ts';

try {
  const workspace = places(process.env.SOURCED_WORKSPACE ?? process.cwd());
  mkdirSync(workspace.state, { recursive: true });
  const child = spawn(
    dbtPython((line) => process.stderr.write(`${line}\n`)),
    ['-c', 'from dbt.cli.main import cli; cli()', ...process.argv.slice(2)],
    {
      cwd: dbtProject,
      env: dbtEnvironment(workspace),
      stdio: 'inherit',
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (status) => process.exit(status ?? 1));
} catch (error) {
  exitWith(error);
}
