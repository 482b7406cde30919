// Target − posted = entries: every cause whose ledger differs from its target gets the difference, as a double entry
// (domain.md §8, §9). The comparison is one statement over the warehouse; entries come out in a fixed order.
import { convert, type FxTable } from '../money/fx.ts';
import type { WarehousePort } from '../ports.ts';
import { accounts, draftColumns, type EntryText } from './books-port.ts';
import { countRows } from './inputs.ts';
import { digestId } from './named-tables.ts';

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

/**
 * `ledger_target`: everything that the ledger should hold, one row a cause × type × pair of accounts × day, earnings and
 * transfers. Accounts stand in one orientation, so that a reversal is a negative amount.
 */
const targetView = `
  create or replace temp view ledger_target as
  select rowid as target_number, place, cause_id, entry_type, debit_account as from_account, 'accrued' as to_account, currency,
    effective_date, amount_minor, partner_id, plan, plan_version, component, role, cast(pool_size as integer) as pool_size,
    deal_id, invoice_id, invoice_line_id, event_kind, event_id, held_until, sourcing_evidence_id, override_id
  from target_row
  union all
  select target_number, null, cause_id, kind, from_account, to_account, currency, effective_date, amount_minor,
    partner_id, null, null, null, null, null, null, null, null, kind, id, null, null, null
  from transfer_row`;

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
const evidence = `cast(to_json(list_sort(list_filter([target.event_id, nullif(target.invoice_id, target.event_id),
  nullif(nullif(target.deal_id, target.event_id), target.invoice_id), target.sourcing_evidence_id, target.override_id],
  lambda id: id is not null))) as varchar)`;

/** The place of an account in `accounts`. */
const rank = (column: string) =>
  `case ${column} ${accounts.map((account, place) => `when '${account}' then ${place}`).join(' ')} end`;

/** Entries with both directions of a pair of accounts in the order of `accounts`. */
const ranked = `
  select *,
    case when is_forward then debit_account else credit_account end as from_account,
    case when is_forward then credit_account else debit_account end as to_account
  from (select *, ${rank('debit_account')} < ${rank('credit_account')} as is_forward from ledger.entry)`;

/** What differs, by number: the target's row, or the first entry of what lost its target. */
const changedRow = `
  create or replace temp table changed_row as
  with posted as (
    select ${key.join(', ')}, min(sequence) as first_sequence,
      sum(case when is_forward then amount_minor else -amount_minor end) as posted_minor
    from (${ranked})
    group by all
  )
  select target.target_number, case when target.cause_id is null then posted.first_sequence end as first_sequence,
    coalesce(target.cause_id, posted.cause_id) as cause_id, target.place,
    cast(coalesce(target.amount_minor, 0) - coalesce(posted.posted_minor, 0) as bigint) as amount_minor
  from ledger_target as target
  full outer join posted on ${key.map((column) => `target.${column} = posted.${column}`).join(' and ')}
  where coalesce(target.amount_minor, 0) <> coalesce(posted.posted_minor, 0)`;

/**
 * The changes described, in the order in which they are posted: by date, then earnings as they were worked out, then the rest.
 * Nearly every cause has one change, so that only those with several are counted through.
 */
const differenceQuery = `
  with last as (
    select cause_id, max(cause_sequence) as cause_sequence
    from ledger.entry
    where cause_id in (select changed_row.cause_id from changed_row)
    group by cause_id
  ), several as (
    select cause_id from changed_row group by cause_id having count(*) > 1
  ), described as (
    select ${key.map((column) => `coalesce(target.${column}, entry.${column}) as ${column}`).join(', ')},
      ${description.map((column) => `coalesce(target.${column}, entry.${column}) as ${column}`).join(', ')},
      case when changed.target_number is not null then ${evidence} else entry.evidence_ids end as evidence_ids,
      changed.amount_minor, changed.place, changed.target_number, changed.first_sequence
    from changed_row as changed
    left join ledger_target as target on changed.target_number = target.target_number
    left join (${ranked}) as entry on changed.first_sequence = entry.sequence
  ), counted as (
    select target_number, first_sequence, row_number() over (
      partition by cause_id order by effective_date, entry_type, from_account, to_account, currency
    ) as count
    from described
    where cause_id in (select several.cause_id from several)
  ), numbered as (
    select described.*, cast(coalesce(last.cause_sequence, 0) + coalesce(counted.count, 1) as integer) as cause_sequence
    from described
    left join last on described.cause_id = last.cause_id
    left join counted
      on coalesce(described.target_number, 0) = coalesce(counted.target_number, 0)
      and coalesce(described.first_sequence, 0) = coalesce(counted.first_sequence, 0)
  ), unplaced as (
    select cause_id, cause_sequence, ${UNPLACED} + row_number() over (
      order by effective_date, partner_id, event_kind, event_id, invoice_line_id, component, entry_type, cause_id, cause_sequence
    ) as place
    from numbered
    where place is null
  )
  select ${digestId('entry', ['numbered.cause_id', 'cast(numbered.cause_sequence as varchar)'])} as entry_id,
    numbered.* exclude (place, target_number, first_sequence)
  from numbered
  left join unplaced
    on numbered.cause_id = unplaced.cause_id and numbered.cause_sequence = unplaced.cause_sequence
  order by (numbered.effective_date - date '1970-01-01') * ${2 * UNPLACED} + coalesce(numbered.place, unplaced.place)`;

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
  for (const statement of [transferRow, targetView, changedRow]) await warehouse.run(statement);
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
  const isForeign = `currency <> '${reporting.currency}'`;
  const foreign = await countRows(warehouse, `ledger_difference where ${isForeign}`);
  for (let from = 0; foreign > 0 && from < count; from += CHUNK_ROWS) {
    const rows = await warehouse.rows<{ position: bigint; currency: string; day: number; amount_minor: bigint }>(`
      select rowid as position, currency, cast(effective_date - date '1970-01-01' as integer) as day, abs(amount_minor) as amount_minor
      from ledger_difference
      where rowid between ${from} and ${from + CHUNK_ROWS - 1} and ${isForeign}`);
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

/** The drafts as the books hash them, in order; the warehouse writes the next ones while these are posted. */
export async function* readDrafts(warehouse: WarehousePort, count: number): AsyncGenerator<readonly EntryText[]> {
  let next = count > 0 ? readTexts(warehouse, 0) : undefined;
  for (let from = CHUNK_ROWS; next; from += CHUNK_ROWS) {
    const texts: readonly EntryText[] = await next;
    next = from < count ? readTexts(warehouse, from) : undefined;
    // Where posting stops, nobody waits for these: their failure is not the one to tell.
    next?.catch(() => undefined);
    yield texts;
  }
}

async function readTexts(warehouse: WarehousePort, from: number): Promise<readonly EntryText[]> {
  const values = draftColumns.map((column) => `cast(${textOf[column] ?? column} as varchar)`).join(', ');
  const rows = await warehouse.rows<{ text: EntryText }>(`
    select cast(to_json([${values}]) as varchar) as text
    from ledger_draft
    where position between ${from} and ${from + CHUNK_ROWS - 1} order by position`);
  return rows.map(({ text }) => (text.includes('\\u') ? JSON.stringify(JSON.parse(text)) : text));
}
