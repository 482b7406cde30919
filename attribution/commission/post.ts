// The commission step of the job: decide who earns (earners/), work out targets (targets/), post what differs (ledger/) with what is
// due and paid (settlement/), add up statements and liability (reporting/). Running it twice posts nothing; killed at any point,
// the books hold the old state or the new one, and the next run converges.
import type { Config } from '../../core/config.ts';
import { type DayNumber, dayNumber, localDate } from '../../core/month.ts';
import { statementDecisions } from '../../core/statement.ts';
import type { FxTable } from '../money/fx.ts';
import { readFx } from '../money/money-tables.ts';
import type { ProgressLog, WarehousePort } from '../ports.ts';
import { countRows } from '../sql.ts';
import { type Addends, refuseTooMuch } from '../sums.ts';
import { openWriters } from '../table-writer.ts';
import type { BooksPort, PlanTerms } from './books-port.ts';
import { keepStand, type Stand, takeStand } from './changed.ts';
import { decideEarners } from './earners/earner-step.ts';
import { addLocks } from './earners/locks.ts';
import { addPayoutExceptions, writeEarningExceptions } from './ledger/exceptions.ts';
import { writeDifferences } from './ledger/ledger.ts';
import { dropDrafts, writeDrafts } from './ledger/ledger-drafts.ts';
import { copyLedger, noteCopied } from './ledger/ledger-tables.ts';
import { nameCommissions, writePlans } from './ledger/named-tables.ts';
import { addReplaced, writeReplaced } from './ledger/replaced.ts';
import { planBook } from './plans/plan.ts';
import { refuseEditedPlans, termsOf } from './plans/plan-terms.ts';
import { writeLiability } from './reporting/liability-step.ts';
import { writeStatements } from './reporting/statement-step.ts';
import { joinsDispute } from './settlement/decided-lines.ts';
import { readDue } from './settlement/due-step.ts';
import { settle } from './settlement/settlement-step.ts';
import { commissionTables } from './tables.ts';
import { foldEvents } from './targets/target-step.ts';

export interface CommissionInput {
  readonly warehouse: WarehousePort;
  readonly books: BooksPort;
  readonly config: Config;
  /** The program: what another one left is worked out anew. */
  readonly code_digest: string;
  /** The business clock, microseconds since 1970. */
  readonly asOf: bigint;
  readonly log: ProgressLog;
}

/**
 * Reads schemas `core`, `journeys` and `attribution`; writes `attribution.commission_*`, `attribution.contingent` and schema
 * `ledger`; posts to the books. Throws ConfigError where a plan with entries was edited or agreements overlap.
 */
export async function postCommissions(input: CommissionInput): Promise<void> {
  const { warehouse, books, config, asOf, log } = input;
  const as_of_day = dayNumber(localDate(asOf, config.reporting.time_zone));
  await refuseEditedPlans(warehouse, books, config.plans);
  const stand = await takeStand(warehouse, books, input);
  await copyLedger(warehouse, books);
  const fx = await readFx(warehouse, config);
  log({ step: 'commission targets', counts: await target({ warehouse, books, stand, config, as_of_day, fx }) });
  log({ step: 'ledger', counts: await post({ warehouse, books, stand, config, asOf, as_of_day, fx }) });
  // Wide rows of a large posting would stand in the way of the statements' memory.
  await warehouse.run('drop view temp.earned_row');
  for (const table of ['target_row', 'replaced_entry', 'transfer_row', 'ledger_difference'])
    await warehouse.run(`drop table temp.${table}`);
  await writeStatements(warehouse, stand, books.ledger.planTerms());
  await addPayoutExceptions(warehouse);
  await writeLiability({ warehouse, stand, config, as_of_day, fx });
  await keepStand(warehouse, books, input);
}

/** Works out what every cause should have earned by now. */
async function target({ warehouse, books, stand, config, as_of_day, fx }: Omit<PostInput, 'asOf'>) {
  const book = planBook(config.plans);
  const versions = [...book.values()].flat();
  await writePlans(warehouse, versions, config.contract_cost);
  const writers = await openWriters(warehouse, commissionTables);
  const decisions = books.decisions.list();
  const earnings = await decideEarners(
    { warehouse, stand, motions: config.motions, decisions, book, versions },
    writers,
  );
  const folded = await foldEvents({ warehouse, stand, config, as_of_day, fx, book, versions, earnings }, writers);
  await writeReplaced(warehouse, stand);
  await nameCommissions(warehouse, stand);
  await writeEarningExceptions(warehouse);
  return { earnings: earnings.length, ...folded };
}

interface PostInput extends Omit<CommissionInput, 'log' | 'code_digest'> {
  readonly stand: Stand;
  readonly as_of_day: DayNumber;
  readonly fx: FxTable;
}

/** What is posted now may come into a dispute: it is in the books first, and then held. */
async function post(input: PostInput) {
  const { sequence } = input.books.ledger.head();
  const entries = await postDifferences(input);
  const disputes = entries > 0 ? await countRows(input.warehouse, 'attribution.statement_dispute') : 0;
  const joining = disputes > 0 ? await countRows(input.warehouse, joinsDispute(sequence)) : 0;
  if (joining > 0) await addReplaced(input.warehouse, sequence);
  const holds = joining > 0 ? await postDifferences(input) : 0;
  await addLocks(input.warehouse, sequence);
  return { entries_posted: entries + holds };
}

/** Settles, compares and posts; gives the number of entries. */
async function postDifferences({ warehouse, books, stand, config, asOf, as_of_day, fx }: PostInput): Promise<number> {
  const dayOf = (instant: string) => dayNumber(localDate(microsOf(instant), config.reporting.time_zone));
  const decisions = statementDecisions(books.decisions.list(), dayOf);
  await settle(warehouse, await readDue(warehouse, decisions, as_of_day));
  const entry_count = await writeDifferences(warehouse, stand, { fx, currency: config.reporting.currency });
  if (entry_count === 0) return 0;
  await refuseTooMuch(warehouse, ledgerAddends(config.reporting.currency));
  const before = books.ledger.head();
  const batch = books.ledger.lastBatch() + 1n;
  const drafts = { count: entry_count, reporting_currency: config.reporting.currency, before, batch };
  try {
    const head = await books.ledger.post({
      entries: writeDrafts(warehouse, drafts),
      entry_count,
      plan_terms: await postedTerms(warehouse, config.plans),
      expected_head: before,
      as_of: Temporal.Instant.fromEpochNanoseconds(asOf * 1000n).toString(),
    });
    await noteCopied(warehouse, head);
  } catch (error) {
    await dropDrafts(warehouse, drafts);
    throw error;
  }
  return entry_count;
}

/** The ledger with what is to be posted: what is in the books stays there, so that nothing may be that cannot be added up. */
function ledgerAddends(reporting_currency: string): Addends[] {
  return [
    {
      what: 'commissions',
      rows: `select partner_id as id, currency, amount_minor from ledger.entry
        union all select null, currency, amount_minor from ledger_difference`,
    },
    {
      what: 'commissions, converted,',
      rows: `select partner_id as id, '${reporting_currency}' as currency, reporting_amount_minor as amount_minor from ledger.entry
        union all select null, currency, amount_minor from ledger_difference where currency = '${reporting_currency}'
        union all select null, '${reporting_currency}', reporting_amount_minor from attribution.ledger_twin`,
    },
  ];
}

function microsOf(instant: string): bigint {
  return Temporal.Instant.from(instant).epochNanoseconds / 1000n;
}

async function postedTerms(warehouse: WarehousePort, plans: Config['plans']): Promise<PlanTerms[]> {
  const used = await warehouse.rows<{ plan: string; plan_version: string }>(
    `select distinct plan, plan_version
     from ledger_difference
     inner join target_row on ledger_difference.target_number = target_row.place`,
  );
  return termsOf(plans).filter((terms) =>
    used.some(({ plan, plan_version }) => plan === terms.plan && plan_version === terms.plan_version),
  );
}
