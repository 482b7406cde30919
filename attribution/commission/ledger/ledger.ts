// Target − posted: every cause whose ledger differs from its target gets the difference (domain.md §8, §9). The comparison is in
// numbers over the warehouse, in the order in which entries are posted; ledger-drafts.ts makes entries of it.
import { convert, type FxTable } from '../../money/fx.ts';
import type { WarehousePort } from '../../ports.ts';
import { countRows } from '../../sql.ts';
import { accounts } from '../books-port.ts';
import type { Stand } from '../changed.ts';
import { digestId, joinAlias, rank, standingDeal } from '../entry-sql.ts';

/** Places of earnings are below. */
const UNPLACED = 2 ** 32;

/** Transfers of the settlement as rows of the ledger's target, with numbers below zero. */
const transferRow = `
  create or replace temp table transfer_row as
  select -row_number() over (order by kind, partner_id, id, from_account, to_account, currency, effective_date) as target_number,
    ${digestId('cause', ['kind', 'partner_id', 'id'])} as cause_id, *
  from (
    select kind, partner_id, id, from_account, to_account, currency, effective_date, cast(sum(amount_minor) as bigint) as amount_minor
    from attribution.settlement
    group by all
    having sum(amount_minor) <> 0
  )`;

/** Everything that the ledger should hold, one row a cause × type × pair of accounts × day: earnings by their place, and transfers. */
const target = `
  select place as target_number, cause_id, deal_id, entry_type, ${rank('debit_account')} as from_rank,
    ${accounts.indexOf('accrued')} as to_rank, currency, effective_date, amount_minor
  from target_row
  union all
  select target_number, cause_id, '' as deal_id, kind, ${rank('from_account')}, ${rank('to_account')}, currency, effective_date,
    amount_minor
  from transfer_row`;

const key = ['cause_id', 'entry_type', 'from_rank', 'to_rank', 'currency', 'effective_date'] as const;

/**
 * What differs, of earnings where something changed: the target's row, or the last entry of what lost its target. What moved to
 * another deal is both, however equal the amounts: money is explained by the deal that has it.
 */
const changedRow = `
  create or replace temp table changed_row as
  with entry as (
    select sequence, cause_id, '' as deal_id, entry_type, currency, effective_date, amount_minor,
      ${rank('debit_account')} as debit_rank, ${rank('credit_account')} as credit_rank
    from ledger.entry
    where role is null
    union all
    select sequence, cause_id, ${standingDeal} as deal_id, entry_type, currency, effective_date, amount_minor,
      ${rank('debit_account')}, ${rank('credit_account')}
    from ledger.entry as entry
    ${joinAlias}
    where sequence in (select replaced.sequence from replaced_entry as replaced)
  ), posted as (
    select cause_id, deal_id, entry_type, least(debit_rank, credit_rank) as from_rank, greatest(debit_rank, credit_rank) as to_rank,
      currency, effective_date, max(sequence) as last_sequence,
      sum(case when debit_rank < credit_rank then amount_minor else -amount_minor end) as posted_minor
    from entry
    group by all
  ), target as (${target}
  )
  select target.target_number, case when target.cause_id is null then posted.last_sequence end as last_sequence,
    ${key.map((column) => `coalesce(target.${column}, posted.${column}) as ${column}`).join(', ')},
    cast(coalesce(target.amount_minor, 0) - coalesce(posted.posted_minor, 0) as bigint) as amount_minor
  from target
  full outer join posted on ${[...key, 'deal_id'].map((column) => `target.${column} = posted.${column}`).join(' and ')}
  where coalesce(target.amount_minor, 0) <> coalesce(posted.posted_minor, 0)`;

/**
 * The changes in the order in which they are posted: by date, then earnings as they were worked out, then the rest. Nearly every
 * cause has one change, so that only those with several are counted through.
 */
const difference = `
  create or replace temp table ledger_difference as
  with last as (
    select cause_id, max(cause_sequence) as cause_sequence
    from ledger.entry
    where cause_id in (select changed_row.cause_id from changed_row)
    group by cause_id
  ), several as (
    select cause_id from changed_row group by cause_id having count(*) > 1
  ), counted as (
    select target_number, last_sequence, row_number() over (
      partition by cause_id order by effective_date, entry_type, from_rank, to_rank, currency, last_sequence nulls last
    ) as count
    from changed_row
    where cause_id in (select several.cause_id from several)
  ), numbered as (
    select changed.*, cast(coalesce(last.cause_sequence, 0) + coalesce(counted.count, 1) as integer) as cause_sequence
    from changed_row as changed
    left join last on changed.cause_id = last.cause_id
    left join counted
      on coalesce(changed.target_number, 0) = coalesce(counted.target_number, 0)
      and coalesce(changed.last_sequence, 0) = coalesce(counted.last_sequence, 0)
  ), unplaced as (
    select numbered.target_number, numbered.last_sequence, ${UNPLACED} + row_number() over (
      order by numbered.effective_date, coalesce(transfer.partner_id, entry.partner_id),
        coalesce(transfer.kind, entry.event_kind), coalesce(transfer.id, entry.event_id), entry.invoice_line_id,
        entry.component, numbered.entry_type, numbered.cause_id, numbered.cause_sequence
    ) as place
    from numbered
    left join transfer_row as transfer on numbered.target_number = transfer.target_number
    left join ledger.entry as entry on numbered.last_sequence = entry.sequence
    where coalesce(numbered.target_number, -1) < 0
  )
  select numbered.target_number, numbered.last_sequence, numbered.cause_sequence, numbered.currency, numbered.effective_date,
    numbered.amount_minor
  from numbered
  left join unplaced
    on coalesce(numbered.target_number, 0) = coalesce(unplaced.target_number, 0)
    and coalesce(numbered.last_sequence, 0) = coalesce(unplaced.last_sequence, 0)
  order by (numbered.effective_date - date '1970-01-01') * ${2 * UNPLACED} + coalesce(unplaced.place, numbered.target_number)`;

/** Targets of causes that changed replace those of before; where none stand, all are written. */
const commissionTarget = (stand: Stand) =>
  stand
    ? `
  delete from attribution.commission_target where cause_id in (select changed_row.cause_id from changed_row);
  insert into attribution.commission_target
  select cause_id, currency, amount_minor
  from target_row
  where cause_id in (select changed_row.cause_id from changed_row)`
    : `
  create or replace table attribution.commission_target as
  select cause_id, currency, amount_minor from target_row`;

/** Where entries convert to: the reporting currency at the rate of their effective date. */
export interface Reporting {
  readonly fx: FxTable;
  readonly currency: string;
}

/** Writes the differences, in the order in which they are posted, and their reporting twins; gives their number. */
export async function writeDifferences(warehouse: WarehousePort, stand: Stand, reporting: Reporting): Promise<number> {
  for (const statement of [transferRow, changedRow, difference, commissionTarget(stand)])
    await warehouse.run(statement);
  await warehouse.run('drop table temp.changed_row');
  await warehouse.run(
    'create or replace table attribution.ledger_twin (position bigint, reporting_amount_minor bigint)',
  );
  const count = await countRows(warehouse, 'ledger_difference');
  await writeTwins(warehouse, count, reporting);
  return count;
}

const CHUNK_ROWS = 20_000;

/** `attribution.ledger_twin`: amounts of other currencies at the rate of their day, where there is one. */
async function writeTwins(warehouse: WarehousePort, count: number, reporting: Reporting): Promise<void> {
  const appender = await warehouse.appender('attribution.ledger_twin');
  const isForeign = `currency <> '${reporting.currency}'`;
  const foreign = await countRows(warehouse, `ledger_difference where ${isForeign}`);
  for (let from = 0; foreign > 0 && from < count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<{ position: bigint; currency: string; day: number; amount_minor: bigint }>(`
      select rowid as position, currency, cast(effective_date - date '1970-01-01' as integer) as day, abs(amount_minor) as amount_minor
      from ledger_difference
      where rowid between ${from} and ${from + CHUNK_ROWS - 1} and ${isForeign}`);
    const twins = rows.flatMap(({ position, currency, day, amount_minor }) => {
      const rate = reporting.fx.find(currency, reporting.currency, day)?.rate;
      const twin = rate && convert(amount_minor, currency, reporting.currency, rate);
      return twin === undefined ? [] : [{ position, twin }];
    });
    if (twins.length)
      appender.append([twins.map(({ position }) => position), twins.map(({ twin }) => twin)], twins.length);
  }
  await appender.close();
}
