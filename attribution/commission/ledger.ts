// Target − posted = entries: every cause whose ledger differs from its target gets the difference, as a double entry
// (domain.md §8, §9). The comparison is one statement over the warehouse; entries come out in a fixed order.
import { convert, type FxTable } from '../money/fx.ts';
import type { WarehousePort } from '../ports.ts';
import { accounts, draftColumns, type EntryText } from './books-port.ts';
import { countRows } from './inputs.ts';
import { digestId } from './named-tables.ts';

/**
 * `ledger_target`: everything that the ledger should hold, one row a cause × type × pair of accounts × day, earnings and
 * transfers. Accounts stand in one orientation, so that a reversal is a negative amount.
 */
const targetView = `
  create or replace temp view ledger_target as
  select cause_id, entry_type, debit_account as from_account, 'accrued' as to_account, currency, effective_date, amount_minor,
    partner_id, plan, plan_version, component, role, cast(pool_size as integer) as pool_size, deal_id, invoice_id,
    invoice_line_id, event_kind, event_id, held_until, sourcing_evidence_id, override_id
  from target_row
  union all
  select ${digestId('cause', ['kind', 'partner_id', 'id'])}, kind, from_account, to_account, currency, effective_date,
    cast(sum(amount_minor) as bigint), partner_id, null, null, null, null, null, null, null, null, kind, id, null, null, null
  from attribution.settlement
  group by kind, partner_id, id, from_account, to_account, currency, effective_date
  having sum(amount_minor) <> 0`;

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
] as const;

/** The records that an amount rests on; an id that stands twice counts once. */
const evidence = `cast(to_json(list_sort(list_filter([event_id, nullif(invoice_id, event_id),
  nullif(nullif(deal_id, event_id), invoice_id), sourcing_evidence_id, override_id], lambda id: id is not null))) as varchar)`;

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
      case when target.cause_id is not null then ${evidence} end as evidence_ids,
      case when target.cause_id is null then posted.first_sequence end as first_sequence,
      cast(coalesce(target.amount_minor, 0) - coalesce(posted.posted_minor, 0) as bigint) as amount_minor
    from ledger_target as target
    full outer join posted on ${key.map((column) => `target.${column} = posted.${column}`).join(' and ')}
    where coalesce(target.amount_minor, 0) <> coalesce(posted.posted_minor, 0)
  ), described as (
    select ${key.map((column) => `difference.${column}`).join(', ')},
      ${[...description, 'evidence_ids'].map((column) => `coalesce(difference.${column}, entry.${column}) as ${column}`).join(', ')},
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

/** `ledger_draft`: the differences as entries, positive amounts with debit and credit as they fall. */
const draftView = (reporting_currency: string) => `
  create or replace temp view ledger_draft as
  select difference.* exclude (from_account, to_account, amount_minor),
    case when amount_minor > 0 then from_account else to_account end as debit_account,
    case when amount_minor > 0 then to_account else from_account end as credit_account,
    abs(amount_minor) as amount_minor,
    case when currency = '${reporting_currency}' then abs(amount_minor) else twin.reporting_amount_minor end as reporting_amount_minor,
    '${reporting_currency}' as reporting_currency,
    date_trunc('month', effective_date) as posted_month,
    date_trunc('month', effective_date) as origin_month
  from (select rowid as position, * from ledger_difference) as difference
  left join attribution.ledger_twin as twin on difference.position = twin.position`;

/** Where entries convert to: the reporting currency at the rate of their effective date. */
export interface Reporting {
  readonly fx: FxTable;
  readonly currency: string;
}

/** Writes the differences, in the order in which they are posted, and view `ledger_draft` over them; gives their number. */
export async function writeDifferences(warehouse: WarehousePort, reporting: Reporting): Promise<number> {
  await warehouse.run(targetView);
  await warehouse.run(`create or replace temp table ledger_difference as ${differenceQuery}`);
  await warehouse.run(
    'create or replace table attribution.ledger_twin (position bigint, reporting_amount_minor bigint)',
  );
  const count = await countRows(warehouse, 'ledger_difference');
  await writeTwins(warehouse, count, reporting);
  await warehouse.run(draftView(reporting.currency));
  return count;
}

const CHUNK_ROWS = 20_000;

/** `attribution.ledger_twin`: amounts of other currencies at the rate of their day, where there is one. */
async function writeTwins(warehouse: WarehousePort, count: number, reporting: Reporting): Promise<void> {
  const appender = await warehouse.appender('attribution.ledger_twin');
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<{ position: bigint; currency: string; day: number; amount_minor: bigint }>(`
      select rowid as position, currency, cast(effective_date - date '1970-01-01' as integer) as day, abs(amount_minor) as amount_minor
      from ledger_difference
      where rowid between ${from} and ${from + CHUNK_ROWS - 1} and currency <> '${reporting.currency}'`);
    const twins = rows.flatMap(({ position, currency, day, amount_minor }) => {
      const rate = reporting.fx.find(currency, reporting.currency, day)?.rate;
      return rate ? [{ position, twin: convert(amount_minor, currency, reporting.currency, rate) }] : [];
    });
    if (twins.length)
      appender.append([twins.map(({ position }) => position), twins.map(({ twin }) => twin)], twins.length);
  }
  await appender.close();
}

/** How a column is written where its text is not its value's own. */
const textOf: Readonly<Record<string, string>> = {
  posted_month: `strftime(posted_month, '%Y-%m')`,
  origin_month: `strftime(origin_month, '%Y-%m')`,
};

/** The drafts as the books hash them, in order. */
export async function* readDrafts(warehouse: WarehousePort, count: number): AsyncGenerator<readonly EntryText[]> {
  const values = draftColumns.map((column) => `cast(${textOf[column] ?? column} as varchar)`).join(', ');
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<{ text: EntryText }>(`
      select cast(to_json([${values}]) as varchar) as text
      from ledger_draft
      where position between ${from} and ${from + CHUNK_ROWS - 1} order by position`);
    yield rows.map(({ text }) => (text.includes('\\u') ? JSON.stringify(JSON.parse(text)) : text));
  }
}
