// `sourced run` and its single steps `ingest`, `transform`, `attribute`, `publish`.
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { type Step, runSteps as show } from '../progress.ts';
import {
  attributeStep,
  ingestStep,
  martsStep,
  publishStep,
  type RunContext,
  runSteps,
  setUpStep,
  transformStep,
} from '../run.ts';
import { asOnlyRun, openContext } from './context.ts';

export function addRun(program: Command): void {
  add(program, 'run', 'read the sources, compute, audit and publish; running it again changes nothing', runSteps)
    .option('--source <name>', 'read only this source')
    .option('--resync <name>', 'read all of this source anew, and replace what is known of it when that is complete');
  add(program, 'ingest', 'read the sources into the raw log', (context) => [ingestStep(context, 'nothing')])
    .option('--source <name>', 'read only this source')
    .option('--resync <name>', 'read all of this source anew, and replace what is known of it when that is complete');
  add(program, 'transform', 'shape and link the records (dbt)', (context) => [setUpStep(), transformStep(context)]);
  add(program, 'attribute', 'attribute, post commissions, build the marts and audits', (context) => [
    setUpStep(),
    attributeStep(context),
    martsStep(context),
  ]);
  add(program, 'publish', 'check the audits and publish a release', (context) => [publishStep(context)]);
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
      await asOnlyRun(context.workspace, () => show(steps({ ...context, source, resync }), { json: context.json }));
    });
}

function assertSource(name: string | undefined, names: readonly string[]): void {
  if (name === undefined || names.includes(name)) return;
  const near = nearest(name, names);
  throw new UsageError(
    `there is no source ${name} in sourced.yaml`,
    near ? `did you mean ${near}?` : `its sources: ${names.join(', ')}`,
  );
}
