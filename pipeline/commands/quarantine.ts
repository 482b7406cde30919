// `sourced quarantine list|replay|waive`: records refused at the edge, why, and what to do with them.
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import type { StreamName } from '../../core/streams.ts';
import { listQuarantine, type QuarantinedRecord, replay, waive } from '../../ingest/quarantine.ts';
import { reasonInWords } from '../../ingest/rules.ts';
import { type Books, openBooks } from '../books.ts';
import { openWarehouse, type Warehouse } from '../warehouse.ts';
import type { Workspace } from '../workspace.ts';
import { asOnlyRun, openContext, printRows, why } from './context.ts';
import { personOf } from './person.ts';

type Refused = {
  quarantine_id: string | null;
  source: string;
  stream: StreamName;
  file: string | null;
  record: number | null;
  record_id: string | null;
  field: string | null;
  reason: string;
  detail: string | null;
  meaning: string | null;
};

/** A value of 50,000 characters is shown by its start. */
const DETAIL_SHOWN_MAX = 60;

export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('records refused, with their reasons');
  quarantine
    .command('list')
    .description(
      'every record that is refused now; those that wait for another record have no id and are tried each run',
    )
    .action((_: unknown, command: Command) =>
      inWarehouse(command, async (warehouse, { json }) => {
        const rows = [...(await listQuarantine(warehouse)).map(asRefused), ...(await waiting(warehouse))];
        printRows(json ? rows : rows.map(clipped), { json, empty: 'nothing is in quarantine' });
      }),
    );
  quarantine
    .command('replay [ids...]')
    .description('check refused records again under the present configuration')
    .action((ids: string[], _: unknown, command: Command) =>
      inWarehouse(command, async (warehouse, { json }) => {
        await assertOpen(warehouse, ids);
        const clock = () => Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
        const loads = await replay(warehouse, { clock, ...(ids.length ? { quarantine_ids: ids } : {}) });
        const rows = loads.map(({ source, stream, fetched, accepted, repeats, quarantined }) => ({
          source,
          stream,
          tried: Number(fetched),
          accepted: Number(accepted),
          repeats: Number(repeats),
          still_refused: Number(quarantined),
        }));
        printRows(rows, { json, empty: 'no refused record can be checked again; correct its file and run' });
      }),
    );
  quarantine
    .command('waive <id>')
    .description('say why a refused record may stay out; it is kept, and counts no longer against publishing')
    .requiredOption('--reason <text>', 'why', why)
    .action((id: string, options: { reason: string }, command: Command) =>
      inWarehouse(command, async (warehouse, { workspace, json }) => {
        const books = openBooks(workspace.books);
        try {
          const waived = await waiveRecord(warehouse, books, id, options.reason);
          process.stdout.write(json ? `${JSON.stringify(waived)}\n` : `${id} is waived: ${options.reason}\n`);
        } finally {
          books.close();
        }
      }),
    );
}

/** Throws UsageError where nobody decides, or there is no such record. */
async function waiveRecord(warehouse: Warehouse, books: Books, id: string, reason: string): Promise<object> {
  const decider = personOf(books, ['revops', 'finance']);
  const at = Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
  if (!(await waive(warehouse, { quarantine_id: id, reason, person: decider.person, at }))) throw noOpenRecord(id);
  books.decisions.record({
    ...decider,
    kind: 'quarantine_waive',
    subject_kind: 'quarantine',
    subject_id: id,
    reason,
  });
  return { quarantine_id: id, state: 'waived', reason, person: decider.person, waived_at: at };
}

function noOpenRecord(id: string): UsageError {
  return new UsageError(`there is no open record ${id} in quarantine`, 'see `sourced quarantine list`');
}

/** Records that the models refused at the last run, such as a touch for a deal that is not known yet. */
async function waiting(warehouse: Warehouse): Promise<Refused[]> {
  const [found] = await warehouse.rows(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = 'core' AND table_name = 'refused_record'`,
  );
  if (!found) return [];
  return warehouse.rows<Refused>(
    `SELECT NULL AS quarantine_id, source, stream, NULL AS file, record::DOUBLE AS record, record_id, NULL AS field, reason,
       detail, NULL AS meaning
     FROM core.refused_record ORDER BY stream, record`,
  );
}

function asRefused(refused: QuarantinedRecord): Refused {
  const { quarantine_id, source, stream, file, record, record_id, field, reason, detail } = refused;
  const meaning = reasonInWords(reason, stream) ?? null;
  return { quarantine_id, source, stream, file, record, record_id, field, reason, detail, meaning };
}

function clipped(row: Refused): Refused {
  const detail = row.detail?.replaceAll(/\p{Cc}/gu, '·') ?? null;
  const isLong = detail !== null && detail.length > DETAIL_SHOWN_MAX;
  return { ...row, detail: isLong ? `${detail.slice(0, DETAIL_SHOWN_MAX)}…` : detail };
}

/** Throws UsageError for an id that names no open record. */
async function assertOpen(warehouse: Warehouse, ids: readonly string[]): Promise<void> {
  if (!ids.length) return;
  const open = (await listQuarantine(warehouse)).map(({ quarantine_id }) => quarantine_id);
  const unknown = ids.filter((id) => !open.includes(id));
  if (unknown.length) throw noOpenRecord(unknown.join(', '));
}

async function inWarehouse(
  command: Command,
  work: (warehouse: Warehouse, context: { workspace: Workspace; json: boolean }) => Promise<void>,
): Promise<void> {
  const { workspace, json } = openContext(command);
  await asOnlyRun(workspace, async () => {
    const warehouse = await openWarehouse(workspace.warehouse);
    try {
      await work(warehouse, { workspace, json });
    } finally {
      warehouse.close();
    }
  });
}
