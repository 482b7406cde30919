// `sourced run` and its single steps `ingest`, `transform`, `attribute`, `publish`.
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { runSteps, type Step } from '../progress.ts';
import { requireReached, type Stage } from '../reached.ts';
import {
  attributeStep,
  ingestStep,
  martsStep,
  publishStep,
  type RunContext,
  setUpStep,
  transformStep,
  wholeLine,
} from '../run.ts';
import { asOnlyRun, businessClock, globalOptions, openContext } from './context.ts';

export function addRun(program: Command): void {
  const line = 'read the sources, compute, audit and publish; running it again changes nothing';
  addReading(add(program, 'run', line, wholeLine));
  addReading(
    add(program, 'ingest', 'read the sources into the raw log', (context) => [ingestStep(context, 'nothing')]),
  );
  add(program, 'transform', 'shape and link the records (dbt)', (context) => [setUpStep(), transformStep(context)]);
  add(program, 'attribute', 'attribute, post commissions, build the marts and audits', (context) => [
    setUpStep(),
    attributeStep(context),
    martsStep(context),
  ]);
  add(program, 'publish', 'check the audits and publish a release', (context) => [publishStep(context)]);
}

/** The options of a command that reads sources. */
function addReading(command: Command): void {
  command
    .option('--source <name>', 'read only this source')
    .option('--resync <name>', 'read all of this source anew, and replace what is known of it when that is complete');
}

function add(program: Command, name: string, description: string, steps: (context: RunContext) => Step[]): Command {
  return program
    .command(name)
    .description(description)
    .action(async ({ source, resync }: { source?: string; resync?: string }, command: Command) => {
      const reads = name === 'run' || name === 'ingest';
      const context = openContext(command, { reads_sources: reads && (source ?? resync ?? true) });
      const names = context.config.sources.map(({ name }) => name);
      for (const name of [source, resync]) assertSource(name, names);
      await asOnlyRun(context.workspace, () => {
        const as_of_us = clockOf(name, context, globalOptions(command).asOf);
        return runSteps(steps({ ...context, as_of_us, source, resync }), { json: context.json });
      });
    });
}

/** What is to be done before a single step. */
const before: Readonly<Record<string, Stage>> = { transform: 'ingest', attribute: 'transform', publish: 'attribute' };

/**
 * The business clock of a command. A single step takes that of the records as they were shaped. Throws UsageError where it comes
 * too early, or where another clock is asked for.
 */
function clockOf(name: string, { workspace, as_of_us }: RunContext, asked: string | undefined): bigint {
  const shaped = before[name] && requireReached(workspace, before[name]);
  if (!shaped || name === 'transform') return as_of_us;
  if (asked !== undefined && businessClock(shaped) !== as_of_us)
    throw new UsageError(
      `the records were shaped as of ${shaped}`,
      `leave --as-of out, or shape them anew: sourced transform --as-of ${asked}`,
    );
  return businessClock(shaped);
}

function assertSource(name: string | undefined, names: readonly string[]): void {
  if (name === undefined || names.includes(name)) return;
  const near = nearest(name, names);
  throw new UsageError(
    `there is no source ${name} in sourced.yaml`,
    near ? `did you mean ${near}?` : `its sources: ${names.join(', ')}`,
  );
}
