// What every command shares: the workspace, its configuration, the business clock, and how to talk.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config, ReadsSources } from '../../core/config.ts';
import { UsageError } from '../../core/errors.ts';
import { type Asker, askRelease } from '../ask.ts';
import { type Books, holdRun, openBooks } from '../books.ts';
import { currentRelease } from '../release.ts';
import { openWorkspace, readConfig, type Workspace } from '../workspace.ts';
import { aligned } from './text.ts';

type GlobalOptions = { workspace: string; json: boolean; asOf?: string };

/** The global options, wherever on the command line they stood. */
export function globalOptions(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

export type CommandContext = {
  readonly workspace: Workspace;
  readonly config: Config;
  readonly as_of_us: bigint;
  readonly json: boolean;
};

/**
 * Opens the workspace that the command line names. Only a command that reads a source needs its keys: to any other, one that
 * is not set in the environment is no fault. Throws ConfigError or UsageError.
 */
export function openContext(
  command: Command,
  { reads_sources = false }: { reads_sources?: ReadsSources } = {},
): CommandContext {
  const { workspace: directory, json, asOf } = globalOptions(command);
  const workspace = openWorkspace(directory);
  const config = readConfig(workspace, { reads_sources });
  return { workspace, config, as_of_us: businessClock(asOf), json };
}

/** Parses `--as-of`; the default is the clock of the machine, in whole microseconds. */
export function businessClock(text: string | undefined): bigint {
  if (text === undefined) return Temporal.Now.instant().epochNanoseconds / 1000n;
  try {
    return Temporal.Instant.from(text).epochNanoseconds / 1000n;
  } catch {
    throw new UsageError(
      `--as-of ${text} is not an instant`,
      'give a date, a time and an offset, such as 2026-11-02T06:00:00Z',
    );
  }
}

/** Runs `work` as the only run of the workspace. Throws BusyError when another holds it. */
export async function asOnlyRun<Result>(workspace: Workspace, work: () => Promise<Result>): Promise<Result> {
  const release = holdRun(workspace.lock);
  try {
    return await work();
  } finally {
    // An orderly end, good or bad. A run that is killed leaves its mark, and the next one knows.
    rmSync(workspace.unfinished, { force: true });
    release();
  }
}

/** Reads `--reason`: what is decided without a why is refused. */
export function why(text: string): string {
  if (!text.trim()) throw new InvalidArgumentError('Say why.');
  return text.trim();
}

/** Throws UsageError where nothing was published yet. */
export function requireRelease(workspace: Workspace): void {
  if (currentRelease(workspace)) return;
  throw new UsageError('there is no release yet', `make one: npx --no sourced run --workspace ${workspace.directory}`);
}

/** Runs `work` with questions to the current release. Throws UsageError where there is none. */
export async function askingRelease<Result>(
  workspace: Workspace,
  work: (ask: Asker['ask']) => Promise<Result>,
): Promise<Result> {
  requireRelease(workspace);
  const { ask, close } = askRelease(join(workspace.releases, 'current'));
  try {
    return await work(ask);
  } finally {
    await close();
  }
}

/** Runs `work` with the books of the workspace that the command line names. */
export async function withBooks(
  command: Command,
  work: (books: Books, context: CommandContext) => void | Promise<void>,
): Promise<void> {
  const context = openContext(command);
  const books = openBooks(context.workspace.books);
  try {
    await work(books, context);
  } finally {
    books.close();
  }
}

/** Prints rows for people as aligned columns, for programs as one JSON line each. */
export function printRows(
  rows: readonly Record<string, unknown>[],
  { json, empty }: { json: boolean; empty: string },
): void {
  if (json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  if (!rows.length) {
    process.stdout.write(`${empty}\n`);
    return;
  }
  const names = Object.keys(rows[0]!);
  const cells = rows.map((row) => names.map((name) => String(row[name] ?? '–')));
  process.stdout.write(`${aligned([names, ...cells]).join('\n')}\n`);
}
