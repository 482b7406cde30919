// The order of the steps: ingest → transform → attribute → transform → audit → publish. Each step is a function of where data rests.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { overridesInForce } from '../attribution/commission/earners/overrides.ts';
import { refuseEditedPlans } from '../attribution/commission/plans/plan-terms.ts';
import { runJob } from '../attribution/job.ts';
import type { Config } from '../core/config.ts';
import { BusyError } from '../core/errors.ts';
import type { World } from '../ingest/connector.ts';
import { ingest } from '../ingest/ingest.ts';
import { refuseLargeAmounts } from './amounts.ts';
import { askRelease } from './ask.ts';
import { assertPublishable, readAudits, summarise, warningsOf } from './audit.ts';
import { type Books, openBooks } from './books.ts';
import { writeConfigTables } from './config-tables.ts';
import { dbtBuild, stopDbt, warmDbt } from './dbt.ts';
import { readDigests } from './digests.ts';
import type { Counts, Step } from './progress.ts';
import { dbtPython } from './python.ts';
import { reach } from './reached.ts';
import { overflowRefusal } from './refusals.ts';
import { publishRelease, stageRelease } from './release.ts';
import { writeSite } from './site.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';
import type { Workspace } from './workspace.ts';

export type RunContext = {
  readonly workspace: Workspace;
  readonly config: Config;
  /** The business clock, epoch microseconds. */
  readonly as_of_us: bigint;
  /** Only this source is read; everything else is taken as it was last read. */
  readonly source?: string | undefined;
  /** This source is read anew, and what is known of it replaced when that is complete. */
  readonly resync?: string | undefined;
  /** Clock, sleep and chance of connectors; default: the machine's. */
  readonly world?: World | undefined;
};

/** Fewer threads than the machine has, where SOURCED_THREADS says so; no number depends on it. */
const threads = Number(process.env.SOURCED_THREADS ?? 0);

const OPEN_ATTEMPTS = 20;
const OPEN_PAUSE_MS = 250;

/** What the job writes: dbt builds it after the job, everything else before. */
const afterTheJob = ['source:attribution+', 'source:ledger+'];

/** dbt's Python environment; throws UsageError (`setup`) where the machine lacks something. */
export function setUpStep(): Step {
  return {
    name: 'set_up',
    title: 'Set up',
    run: async (report) => {
      dbtPython((line) => report({ [line]: '' }));
      return {};
    },
  };
}

/** dbt, if it `follows`, starts meanwhile. */
export function ingestStep(
  { workspace, config, source, resync, world }: RunContext,
  follows: 'dbt' | 'nothing' = 'dbt',
): Step {
  return {
    name: 'ingest',
    title: 'Read the sources',
    run: async (report) => {
      const set_aside = await setAsideDamaged(workspace);
      writeFileSync(workspace.unfinished, '');
      reach(workspace, 'ingest');
      if (follows === 'dbt') warmDbt(workspace);
      const counts = await withWarehouse(workspace, async (warehouse) => {
        const loads = await ingest({
          config,
          workspace,
          warehouse,
          only: source,
          resync,
          log: report,
          ...(world && { world }),
        });
        return total(loads, ['fetched', 'accepted', 'repeats', 'quarantined']);
      });
      return set_aside ? { ...counts, damaged_warehouse_set_aside: set_aside } : counts;
    },
  };
}

/** Staging, core and journeys. Throws ConfigError for an edited plan, AuditError for amounts that are too large, DbtError. */
export function transformStep({ workspace, config, as_of_us }: RunContext): Step {
  return {
    name: 'transform',
    title: 'Shape and link the records',
    run: async () => {
      await withBooks(workspace, (books) =>
        withWarehouse(workspace, async (warehouse) => {
          await refuseEditedPlans(warehouse, books, config.plans); // now, and not when everything is shaped
          reach(workspace, 'ingest');
          await writeConfigTables(warehouse, {
            config,
            as_of_us,
            digests: readDigests(workspace),
            overrides: overridesInForce(books.decisions.list()).map(({ kind, subject_id, object_id }) => ({
              kind,
              subject_id,
              object_id,
            })),
          });
        }),
      );
      const refuse = () => withWarehouse(workspace, refuseLargeAmounts);
      const counts = await dbtBuild(workspace, ['--exclude', ...afterTheJob]).catch(async (error) => {
        if (overflowRefusal(error)) await refuse(); // says which amount it was
        throw error;
      });
      await refuse();
      reach(workspace, 'transform', isoOf(as_of_us));
      return counts;
    },
  };
}

/** The job over the journeys, the books included. Throws ConfigError, AuditError, BusyError where the ledger moved meanwhile. */
export function attributeStep({ workspace, config, as_of_us }: RunContext): Step {
  return {
    name: 'attribute',
    title: 'Attribute and post',
    run: (report) =>
      withBooks(workspace, (books) =>
        withWarehouse(workspace, async (warehouse) => {
          reach(workspace, 'transform', isoOf(as_of_us));
          let last: Counts = {};
          const log = ({ counts }: { counts: Counts }) => {
            last = { ...last, ...counts };
            report(last);
          };
          const { code: code_digest } = readDigests(workspace);
          await runJob({ warehouse, books, config, code_digest, asOf: as_of_us, log });
          return last;
        }),
      ),
  };
}

/** What dbt makes of the job's tables. Throws DbtError. */
export function martsStep({ workspace, as_of_us }: RunContext): Step {
  return {
    name: 'marts',
    title: 'Build the marts and audits',
    run: async () => {
      const counts = await dbtBuild(workspace, ['--select', ...afterTheJob]).finally(() => stopDbt(workspace));
      reach(workspace, 'attribute', isoOf(as_of_us));
      return counts;
    },
  };
}

/** Audits, then a release. Throws AuditError where an audit of level `block` does not hold: the last release stays. */
export function publishStep({ workspace, config, as_of_us }: RunContext): Step {
  return {
    name: 'publish',
    title: 'Audit and publish',
    run: (report) =>
      withBooks(workspace, (books) =>
        withWarehouse(workspace, async (warehouse) => {
          const audits = await readAudits(warehouse);
          assertPublishable(audits);
          report(summarise(audits));
          const staged = await stageRelease({
            workspace,
            warehouse,
            config,
            as_of: isoOf(as_of_us),
            digests: readDigests(workspace),
            audits,
            ledger_head: books.ledger.head(),
            created_at: Temporal.Now.instant().toString({ smallestUnit: 'millisecond' }),
          });
          await addSite(staged.directory);
          const to_look_at = warningsOf(audits);
          return {
            release: publishRelease(workspace, staged),
            ...summarise(audits),
            ...(to_look_at && { to_look_at }),
          };
        }),
      ),
  };
}

/** Builds the pages of a staged release over its own answers, into it. */
async function addSite(releaseDirectory: string): Promise<void> {
  const { ask, close } = askRelease(releaseDirectory);
  try {
    await writeSite({ ask, target: join(releaseDirectory, 'site') });
  } finally {
    await close();
  }
}

/** The whole line, step by step. */
export function wholeLine(context: RunContext): Step[] {
  return [
    setUpStep(),
    ingestStep(context),
    transformStep(context),
    attributeStep(context),
    martsStep(context),
    publishStep(context),
  ];
}

/** What DuckDB says of a file that it had not finished: torn, or only begun. */
const DAMAGE = /corrupt|checksum|replay|not a valid DuckDB|read enough bytes/i;

/**
 * A run that was killed while DuckDB wrote may leave a file that DuckDB no longer reads. It is set aside, never deleted, and the
 * sources are read anew; the books, which are primary, are another file. Gives where it went, or nothing where all is well.
 */
async function setAsideDamaged({ warehouse, unfinished }: Workspace): Promise<string | undefined> {
  if (!existsSync(unfinished) || !existsSync(warehouse)) return undefined;
  try {
    const opened = await openWhenFree(warehouse);
    opened.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !DAMAGE.test(error.message)) throw error;
    const aside = `${warehouse}.damaged-${Temporal.Now.instant().epochMilliseconds}`;
    renameSync(warehouse, aside);
    if (existsSync(`${warehouse}.wal`)) renameSync(`${warehouse}.wal`, `${aside}.wal`);
    return aside;
  }
}

/** Opens the warehouse for one step; dbt needs it closed between the steps. */
async function withWarehouse<Result>(
  workspace: Workspace,
  work: (warehouse: Warehouse) => Promise<Result>,
): Promise<Result> {
  const warehouse = await openWhenFree(workspace.warehouse);
  try {
    return await work(warehouse);
  } finally {
    warehouse.close();
  }
}

/** A dbt of a run that was killed may need a moment to notice; beyond it, whoever has the file open is told to be busy. */
async function openWhenFree(path: string): Promise<Warehouse> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openWarehouse(path, threads ? { threads } : {});
    } catch (error) {
      if (!(error instanceof BusyError) || attempt === OPEN_ATTEMPTS) throw error;
      await setTimeout(OPEN_PAUSE_MS);
    }
  }
}

async function withBooks<Result>(workspace: Workspace, work: (books: Books) => Promise<Result>): Promise<Result> {
  const books = openBooks(workspace.books);
  try {
    return await work(books);
  } finally {
    books.close();
  }
}

function total<Row extends object>(rows: readonly Row[], names: readonly (keyof Row & string)[]): Counts {
  return Object.fromEntries(names.map((name) => [name, rows.reduce((sum, row) => sum + Number(row[name]), 0)]));
}

function isoOf(instant_us: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(instant_us * 1000n).toString();
}
