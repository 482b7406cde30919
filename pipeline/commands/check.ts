// `sourced check`: is the configuration right, can each source be read, is the machine ready. One line each.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { BusyError, exitStatus, SourcedError } from '../../core/errors.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { dbtPython } from '../python.ts';
import { openWarehouse, type Warehouse } from '../warehouse.ts';
import { openContext } from './context.ts';

type Line = { subject: string; ok: boolean; detail: string };

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('configuration, machine, and reachability of every source')
    .action(async (_: unknown, command: Command) => {
      const { workspace, config, json } = openContext(command, { reads_sources: true });
      const tell = ({ subject, ok, detail }: Line) =>
        process.stdout.write(
          json ? `${JSON.stringify({ subject, ok, detail })}\n` : `${ok ? '✓' : '✗'} ${subject}  ${detail}\n`,
        );
      tell({
        subject: 'sourced.yaml',
        ok: true,
        detail: `${counted(config.sources.length, 'source')}, ${counted(config.plans.length, 'plan version')}`,
      });
      const python = machine();
      tell(python);
      const warehouse = await openKnown(workspace.warehouse);
      const lines: Line[] = [];
      for (const [source, checked] of await checkSources({ config, workspace, warehouse }))
        for (const line of checked) {
          const named = { ...line, subject: line.subject === source ? source : `${source}: ${line.subject}` };
          lines.push(named);
          tell(named);
        }
      warehouse.close();
      if (!python.ok) process.exitCode = exitStatus.usage;
      if (lines.some((line) => !line.ok)) process.exitCode = exitStatus.source;
    });
}

/** What earlier runs know tells more; a run under way or none at all is no hindrance. */
async function openKnown(path: string): Promise<Warehouse> {
  if (!existsSync(path)) return openWarehouse(':memory:');
  return openWarehouse(path).catch((error: unknown) => {
    if (error instanceof BusyError) return openWarehouse(':memory:');
    throw error;
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function machine(): Line {
  try {
    dbtPython();
    return { subject: 'dbt', ok: true, detail: 'its Python environment is complete' };
  } catch (error) {
    if (error instanceof SourcedError)
      return { subject: 'dbt', ok: false, detail: [error.message, error.hint].filter(Boolean).join('; ') };
    throw error;
  }
}
