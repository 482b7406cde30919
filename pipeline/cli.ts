// `sourced`: parses the command line and hands over to one file per command. Errors become words and an exit status in exit.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { exitStatus } from '../core/errors.ts';
import { addCheck } from './commands/check.ts';
import { addDemo } from './commands/demo.ts';
import { addDiff } from './commands/diff.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addInit } from './commands/init.ts';
import { addKeys } from './commands/keys.ts';
import { addOverride } from './commands/override.ts';
import { addQuarantine } from './commands/quarantine.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { addStatement } from './commands/statement.ts';
import { addVerify } from './commands/verify.ts';
import { exitWith } from './exit.ts';
import { root } from './workspace.ts';

/** One line a command: a new command is a file of its own and an entry here. */
const commands = [
  addDemo,
  addInit,
  addCheck,
  addRun,
  addServe,
  addExplain,
  addDiff,
  addQuarantine,
  addOverride,
  addStatement,
  addExport,
  addKeys,
  addVerify,
];

const program = new Command('sourced')
  .description('What a company’s partners are really worth, and what it owes them.')
  .option('--workspace <dir>', 'directory with sourced.yaml', process.env.SOURCED_WORKSPACE ?? '.')
  .option('--json', 'one JSON line per step instead of a live display', false)
  .option('--as-of <instant>', 'business clock, such as 2026-11-02T06:00:00Z (default: now)')
  .version(versionOf(root), '--version')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showSuggestionAfterError();
for (const add of commands) add(program);
inheritExit(program);
// Whoever reads the output may stop before the end (`| head`): what is under way goes on, unheard.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitStatus.done : exitStatus.usage);
  exitWith(error);
}

function versionOf(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Global options may stand before or after the command; a wrong argument of any command ends with status 2. */
function inheritExit(parent: Command): void {
  for (const child of parent.commands) {
    child.exitOverride();
    for (const option of program.options)
      if (!child.options.some((own) => own.long === option.long)) child.addOption(withoutDefault(option));
    inheritExit(child);
  }
}

function withoutDefault(option: Command['options'][number]): Command['options'][number] {
  return Object.assign(Object.create(Object.getPrototypeOf(option)), option, { defaultValue: undefined, hidden: true });
}
