// Target − posted = entries: every cause whose ledger differs from its target gets the difference, as a double entry
// (domain.md §8, §9). The comparison is one statement over the warehouse; entries come out in a fixed order.
import { dayNumber } from '../../core/month.ts';
import { convert, type FxTable } from '../money/fx.ts';
import type { WarehousePort } from '../ports.ts';
import { type Account, accounts, type EntryDraft } from './books-port.ts';
import { digestId } from './named-tables.ts';

/**
 * `attribution.ledger_target`: everything that the ledger should hold, one row a cause × type × pair of accounts × day.
 * Accounts stand in one orientation, so that a reversal is a negative amount.
 */
export async function writeEarningTargets(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(`
    create or replace table attribution.ledger_target as
    select cause_id, entry_type, debit_account as from_account, 'accrued' as to_account, currency, effective_date, amount_minor,
      partner_id, plan, plan_version, component, role, cast(pool_size as integer) as pool_size, deal_id, invoice_id,
      invoice_line_id, event_kind, event_id, held_until,
      cast(to_json(list_distinct(list_filter([event_id, invoice_id, deal_id, sourcing_evidence_id], lambda id: id is not null)))
        as varchar) as evidence_ids
    from attribution.commission_target`);
}

const key = ['cause_id', 'entry_type', 'from_account', 'to_account', 'currency', 'effective_date'] as const;
const description = [
  'partner_id',
  'plan',
  'plan_version',
  'component',
  'role',
  'pool_size',
  'deal_id',
  'invoice_id',
  'invoice_line_id',
  'event_kind',
  'event_id',
  'held_until',
  'evidence_ids',
] as const;

/** Accounts are turned into their order in `accounts`, so that both directions of a pair meet. */
const rank = (column: string) => `list_position([${accounts.map((account) => `'${account}'`).join(', ')}], ${column})`;

const differenceQuery = `
  with oriented as (
    select *,
      case when ${rank('debit_account')} < ${rank('credit_account')} then debit_account else credit_account end as from_account,
      case when ${rank('debit_account')} < ${rank('credit_account')} then credit_account else debit_account end as to_account,
      case when ${rank('debit_account')} < ${rank('credit_account')} then amount_minor else -amount_minor end as signed_minor
    from ledger.entry
  ), posted as (
    select ${key.join(', ')}, sum(signed_minor) as posted_minor,
      ${description.map((column) => `arg_min(${column}, sequence) filter (${column} is not null) as ${column}`).join(', ')}
    from oriented
    group by ${key.join(', ')}
  ), last as (
    select cause_id, max(cause_sequence) as cause_sequence from ledger.entry group by cause_id
  ), difference as (
    select ${[...key, ...description].map((column) => `coalesce(target.${column}, posted.${column}) as ${column}`).join(', ')},
      cast(coalesce(target.amount_minor, 0) - coalesce(posted.posted_minor, 0) as bigint) as amount_minor
    from attribution.ledger_target as target
    full outer join posted on ${key.map((column) => `target.${column} = posted.${column}`).join(' and ')}
    where coalesce(target.amount_minor, 0) <> coalesce(posted.posted_minor, 0)
  ), numbered as (
    select difference.*,
      cast(coalesce(last.cause_sequence, 0) + row_number() over (
        partition by difference.cause_id
        order by effective_date, entry_type, from_account, to_account, currency
      ) as integer) as cause_sequence
    from difference
    left join last on difference.cause_id = last.cause_id
  )
  select
    cast(row_number() over (
      order by effective_date, partner_id, event_kind, event_id, invoice_line_id, component, entry_type, cause_id, cause_sequence
    ) as integer) as position,
    ${digestId('entry', ['cause_id', 'cast(cause_sequence as varchar)'])} as entry_id,
    numbered.* replace (
      strftime(effective_date, '%Y-%m-%d') as effective_date,
      strftime(held_until, '%Y-%m-%d') as held_until
    )
  from numbered`;

type DifferenceRow = {
  readonly entry_id: string;
  readonly entry_type: EntryDraft['entry_type'];
  readonly from_account: Account;
  readonly to_account: Account;
  readonly evidence_ids: string | null;
} & Pick<
  EntryDraft,
  | 'amount_minor'
  | 'cause_id'
  | 'cause_sequence'
  | 'component'
  | 'currency'
  | 'deal_id'
  | 'effective_date'
  | 'event_id'
  | 'event_kind'
  | 'held_until'
  | 'invoice_id'
  | 'invoice_line_id'
  | 'partner_id'
  | 'plan'
  | 'plan_version'
  | 'pool_size'
  | 'role'
>;

/** Writes the differences to `attribution.ledger_difference` and gives their number. */
export async function writeDifferences(warehouse: WarehousePort): Promise<number> {
  await warehouse.run(
    `create or replace table attribution.ledger_difference as select * from (${differenceQuery}) order by position`,
  );
  const [row] = await warehouse.rows<{ count: number }>(
    'select cast(count(*) as integer) as count from attribution.ledger_difference',
  );
  return row!.count;
}

const CHUNK_ROWS = 50_000;

/** The differences as entries, in order. `reporting` converts at the rate of the effective date. */
export async function* readDrafts(
  warehouse: WarehousePort,
  count: number,
  reporting: { readonly fx: FxTable; readonly currency: string },
): AsyncGenerator<EntryDraft> {
  for (let from = 1; from <= count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<DifferenceRow>(
      `select * exclude (position) from attribution.ledger_difference
       where position between ${from} and ${from + CHUNK_ROWS - 1} order by position`,
    );
    for (const row of rows) yield draftOf(row, reporting);
  }
}

/** A positive amount with debit and credit as they fall. */
export function draftOf(
  row: DifferenceRow,
  { fx, currency }: { readonly fx: FxTable; readonly currency: string },
): EntryDraft {
  const { from_account, to_account, evidence_ids, ...rest } = row;
  const isForward = row.amount_minor > 0n;
  const amount_minor = isForward ? row.amount_minor : -row.amount_minor;
  const conversion = fx.find(row.currency, currency, dayNumber(row.effective_date));
  const month = row.effective_date.slice(0, 7);
  return {
    ...rest,
    amount_minor,
    debit_account: isForward ? from_account : to_account,
    credit_account: isForward ? to_account : from_account,
    reporting_amount_minor: conversion ? convert(amount_minor, row.currency, currency, conversion.rate) : null,
    reporting_currency: currency,
    posted_month: month,
    origin_month: month,
    evidence_ids: evidence_ids === null ? [] : (JSON.parse(evidence_ids) as string[]),
  };
}
