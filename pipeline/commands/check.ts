// `sourced check`: is the configuration right, can each source be read, is the machine ready. One line each.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { BusyError, exitStatus, SourcedError } from '../../core/errors.ts';
import { identifier, literal } from '../../core/sql.ts';
import type { CheckLine } from '../../ingest/connector.ts';
import { checkSources } from '../../ingest/ingest.ts';
import { dbtPython } from '../python.ts';
import { warehouseRefusal } from '../refusals.ts';
import { openWarehouse, type Warehouse } from '../warehouse.ts';
import { openContext } from './context.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('configuration, machine, and reachability of every source')
    .action(async (_: unknown, command: Command) => {
      const { workspace, config, json } = openContext(command, { reads_sources: true });
      const tell = ({ subject, ok, detail }: CheckLine) =>
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
      const warehouse = await openWithPartners(workspace.warehouse);
      const lines: CheckLine[] = [];
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

/**
 * A warehouse of its own, so that no run is held up, with the partners that earlier runs know: Crossbeam's are matched to them.
 * While a run writes, none are known.
 */
async function openWithPartners(path: string): Promise<Warehouse> {
  const warehouse = await openWarehouse(':memory:');
  if (!existsSync(path)) return warehouse;
  try {
    await warehouse.run(`ATTACH ${literal(path)} AS known (READ_ONLY)`);
  } catch (error) {
    const refusal = warehouseRefusal(path, error);
    if (refusal instanceof BusyError) return warehouse;
    throw refusal ?? error;
  }
  const tables = await warehouse.rows<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = 'known' AND schema_name = 'raw'
       AND (table_name = 'superseded' OR ends_with(table_name, '_partners'))`,
  );
  await warehouse.run('CREATE SCHEMA raw');
  for (const table of tables.map(({ name }) => identifier(name)))
    await warehouse.run(`CREATE TABLE raw.${table} AS FROM known.raw.${table}`);
  await warehouse.run('DETACH known');
  return warehouse;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function machine(): CheckLine {
  try {
    dbtPython();
    return { subject: 'dbt', ok: true, detail: 'its Python environment is complete' };
  } catch (error) {
    if (error instanceof SourcedError)
      return { subject: 'dbt', ok: false, detail: [error.message, error.hint].filter(Boolean).join('; ') };
    throw error;
  }
}
