// Target − posted = entries: every cause whose ledger differs from its target gets the difference, as a double entry
// (domain.md §8, §9). The comparison is one statement over the warehouse; entries come out in a fixed order.
import { dayNumber } from '../../core/month.ts';
import { convert, type FxTable } from '../money/fx.ts';
import type { WarehousePort } from '../ports.ts';
import { type Account, accounts, type EntryDraft } from './books-port.ts';
import { countRows } from './inputs.ts';
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
      cast(to_json(list_sort(list_distinct(list_filter([event_id, invoice_id, deal_id, sourcing_evidence_id, override_id], lambda id: id is not null))))
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

/** The place of an account in `accounts`. */
const rank = (column: string) =>
  `case ${column} ${accounts.map((account, place) => `when '${account}' then ${place}`).join(' ')} end`;

/** Both directions of a pair of accounts meet in the order of `accounts`. What lost its target is described by its first entry. */
const differenceQuery = `
  with ranked as (
    select sequence, cause_id, entry_type, debit_account, credit_account, currency, effective_date, amount_minor,
      ${rank('debit_account')} < ${rank('credit_account')} as is_forward
    from ledger.entry
  ), posted as (
    select cause_id, entry_type,
      case when is_forward then debit_account else credit_account end as from_account,
      case when is_forward then credit_account else debit_account end as to_account,
      currency, effective_date,
      sum(case when is_forward then amount_minor else -amount_minor end) as posted_minor,
      min(sequence) as first_sequence
    from ranked
    group by all
  ), difference as (
    select ${key.map((column) => `coalesce(target.${column}, posted.${column}) as ${column}`).join(', ')},
      ${description.map((column) => `target.${column}`).join(', ')},
      case when target.cause_id is null then posted.first_sequence end as first_sequence,
      cast(coalesce(target.amount_minor, 0) - coalesce(posted.posted_minor, 0) as bigint) as amount_minor
    from attribution.ledger_target as target
    full outer join posted on ${key.map((column) => `target.${column} = posted.${column}`).join(' and ')}
    where coalesce(target.amount_minor, 0) <> coalesce(posted.posted_minor, 0)
  ), described as (
    select ${key.map((column) => `difference.${column}`).join(', ')},
      ${description.map((column) => `coalesce(difference.${column}, entry.${column}) as ${column}`).join(', ')},
      difference.amount_minor
    from difference
    left join ledger.entry as entry on difference.first_sequence = entry.sequence
  ), last as (
    select cause_id, max(cause_sequence) as cause_sequence
    from ledger.entry
    where cause_id in (select difference.cause_id from difference)
    group by cause_id
  ), numbered as (
    select described.*,
      cast(coalesce(last.cause_sequence, 0) + row_number() over (
        partition by described.cause_id
        order by effective_date, entry_type, from_account, to_account, currency
      ) as integer) as cause_sequence
    from described
    left join last on described.cause_id = last.cause_id
  )
  select ${digestId('entry', ['cause_id', 'cast(cause_sequence as varchar)'])} as entry_id, *
  from numbered
  order by effective_date, partner_id, event_kind, event_id, invoice_line_id, component, entry_type, cause_id, cause_sequence`;

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

/** Writes the differences to `attribution.ledger_difference`, in the order in which they are posted; gives their number. */
export async function writeDifferences(warehouse: WarehousePort): Promise<number> {
  await warehouse.run(`create or replace table attribution.ledger_difference as ${differenceQuery}`);
  return countRows(warehouse, 'attribution.ledger_difference');
}

const CHUNK_ROWS = 50_000;

/** Where entries convert to: the reporting currency at the rate of their effective date. */
export interface Reporting {
  readonly fx: FxTable;
  readonly currency: string;
}

/** The differences as entries, in order; each is shown to `seen` before it is handed on. */
export async function* readDrafts(
  warehouse: WarehousePort,
  count: number,
  reporting: Reporting,
  seen: (draft: EntryDraft) => void,
): AsyncGenerator<EntryDraft> {
  const toDraft = drafter(reporting);
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<DifferenceRow>(
      `select * replace (cast(effective_date as varchar) as effective_date, cast(held_until as varchar) as held_until)
       from attribution.ledger_difference
       where rowid between ${from} and ${from + CHUNK_ROWS - 1} order by rowid`,
    );
    for (const row of rows) {
      const draft = toDraft(row);
      seen(draft);
      yield draft;
    }
  }
}

/** Makes a row a draft: a positive amount, with debit and credit as they fall. */
function drafter({ fx, currency: reporting_currency }: Reporting): (row: DifferenceRow) => EntryDraft {
  const days = new Map<string, number>();
  const dayOf = (date: string): number => {
    const known = days.get(date);
    if (known !== undefined) return known;
    days.set(date, dayNumber(date));
    return days.get(date)!;
  };
  return ({ from_account, to_account, evidence_ids, ...row }) => {
    const isForward = row.amount_minor > 0n;
    const amount_minor = isForward ? row.amount_minor : -row.amount_minor;
    const rate = fx.find(row.currency, reporting_currency, dayOf(row.effective_date))?.rate;
    const month = row.effective_date.slice(0, 7);
    return {
      ...row,
      amount_minor,
      debit_account: isForward ? from_account : to_account,
      credit_account: isForward ? to_account : from_account,
      reporting_amount_minor: rate ? convert(amount_minor, row.currency, reporting_currency, rate) : null,
      reporting_currency,
      posted_month: month,
      origin_month: month,
      evidence_ids: evidence_ids === null ? [] : (JSON.parse(evidence_ids) as string[]),
    };
  };
}
