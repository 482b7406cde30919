// Writes `ledger.statement` from the copied ledger, one a partner × month × currency, and view `ledger.statement_line_named`:
// each line in words of its plan, made of what was posted and of the terms under which it was: no later record changes them.
import type { WarehousePort } from '../../ports.ts';
import type { PostedTerms } from '../books-port.ts';
import { isTouched, type Stand } from '../changed.ts';
import { amountText, signedMinor, statementId } from '../entry-sql.ts';
import { writePlanWords } from '../plans/plan-words.ts';
import { statementDigest } from '../settlement/decided-lines.ts';

const eventWords = `case line.event_kind
  when 'payment' then 'paid' when 'issue' then 'invoiced' when 'close' then 'won' when 'refund' then 'refunded'
  when 'credit_note' then 'credited' when 'dispute_lost' then 'lost in a dispute' when 'dispute_won' then 'won back in a dispute'
  else line.event_kind end`;

/** An id as its own system shows it. */
const nativeId = (id: string) => `substr(${id}, strpos(${id}, ':') + 1)`;

/** "20 % of 1,250.00 paid on 2026-03-04, INV-118, month 3 of 12, at most 500.00 per customer"; entries of before schema 5 of the books know neither amount nor month. */
const description = `
  case
    when line.entry_type = 'true_up' and component.component like '%:percent'
      then case when component.cap_per is null then 'Tier of ' when component.words like '% tier' then 'Tier or cap of ' else 'Cap of ' end
        || line.plan || ' after ' || ${nativeId('line.event_id')} || ' (' || component.words || ')'
        || coalesce(', ' || ${nativeId('line.invoice_id')}, '')
    when component.component like '%:flat'
      then 'Flat ' || component.words || ', ' || ${eventWords} || ' on ' || strftime(line.effective_date, '%Y-%m-%d')
        || coalesce(', ' || ${nativeId('line.invoice_id')}, '')
    else component.words
      || coalesce(' of ' || ${amountText('line.event_amount_minor', 'coalesce(line.event_currency, line.currency)')}, '')
      || coalesce(' ' || line.event_currency, '')
      || coalesce(' (' || ${amountText('line.event_base_minor', 'line.currency')} || ' ' || line.currency || ')', '') || ' ' || ${eventWords} || ' on ' || strftime(line.effective_date, '%Y-%m-%d')
      || ', ' || ${nativeId('coalesce(line.invoice_id, line.deal_id)')}
      || coalesce(', month ' || line.plan_month || ' of ' || component.months, '')
  end
  || case when line.role = 'influenced' then ', ' || component.pool_words || ' of it shared by ' || line.pool_size else '' end
  || coalesce(', at most ' || ${amountText('component.cap_minor', 'line.currency')} || ' per ' || component.cap_per, '')`;

/** Of each line that somebody disputed: whether that lasts. */
const disputedLine = `
  select entry_id, bool_or(to_day is null) as is_open from attribution.disputed_line group by entry_id`;

const lineState = `
  case when disputed.is_open then 'disputed' when approved.entry_id is not null then 'accepted' else 'open' end`;

/** A cause that was posted before: what comes later is the difference, which the words say. */
const firstPosted = `
  select cause_id, min(batch) as batch
  from ledger.entry
  where cause_id in (select entry.cause_id from ledger.entry as entry where entry.cause_sequence > 1)
  group by cause_id`;

const statementLine = `
  create or replace view ledger.statement_line_named as
  with disputed as (${disputedLine}
  ), first_posted as (${firstPosted}
  )
  select
    line.entry_id as line_id,
    line.statement_id,
    line.position,
    line.entry_id,
    line.partner_id,
    line.deal_id,
    line.invoice_id,
    line.invoice_line_id,
    case when line.event_kind = 'payment' then line.event_id end as payment_id,
    line.entry_type,
    line.plan,
    line.plan_version,
    line.component,
    line.effective_date,
    line.held_until,
    line.currency,
    line.posted_month as month,
    line.signed_minor,
    line.signed_minor as amount_minor,
    case when line.batch > first_posted.batch then 'Correction: ' else '' end
      || coalesce(${description}, line.entry_type || ' after ' || line.event_id) as description,
    ${lineState} as state
  from ledger.statement_entry as line
  left join attribution.plan_words as component
    on line.plan = component.plan and line.plan_version = component.plan_version and line.component = component.component
    and line.batch >= component.first_batch and line.batch < coalesce(component.end_batch, 9223372036854775807)
  left join first_posted on line.cause_id = first_posted.cause_id
  left join disputed on line.entry_id = disputed.entry_id
  left join attribution.approved_line as approved on line.entry_id = approved.entry_id`;

/** Months whose statements are made at once, first days: a digest takes all lines of its statement into memory. */
interface Months {
  readonly first: string;
  readonly last: string;
}

/** What a statement's lines add up to, as long as none is posted to it. Their sequences are in the order of their positions. */
const totalsOf = ({ first, last }: Months, isWanted: string) => `
  select line.statement_id, line.partner_id, line.posted_month as month, line.currency,
    cast(sum(line.signed_minor) as bigint) as total_minor,
    cast(count(*) as integer) as line_count,
    ${statementDigest} as digest,
    max(line.held_until) as held_until
  from (
    select ${statementId} as statement_id, sequence as position, ${signedMinor('entry')} as signed_minor, entry.*
    from ledger.entry as entry
    where role is not null and posted_month between date '${first}' and date '${last}' and ${isWanted}
  ) as line
  group by all`;

const statement = `
  create or replace table ledger.statement as
  with paid as (
    select statement_id, partner_id, currency, cast(sum(amount_minor) as bigint) as paid_minor
    from core.payouts
    where not is_future and statement_id is not null
    group by all
  ), approver as (
    select statement_id, arg_max(person, line_count) as approved_by, max(day) as day
    from attribution.statement_approval group by statement_id
  ), disputed as (${disputedLine}
  ), decided as (
    select entry_id from attribution.approved_line union select entry_id from disputed
  ), line as (
    select line.partner_id, line.posted_month as month, line.currency, ${lineState} as state
    from decided
    inner join ledger.entry as line on decided.entry_id = line.entry_id
    left join disputed on line.entry_id = disputed.entry_id
    left join attribution.approved_line as approved on line.entry_id = approved.entry_id
  ), counted as (
    select partner_id, month, currency,
      count(*) filter (state = 'accepted') as accepted_count,
      count(*) filter (state = 'disputed') as disputed_count
    from line
    group by all
  ), summed as (
    select total.*,
      cast(coalesce(counted.accepted_count, 0) as integer) as accepted_count,
      cast(coalesce(counted.disputed_count, 0) as integer) as disputed_count
    from ledger.statement_total as total
    left join counted using (partner_id, month, currency)
  )
  select summed.*,
    coalesce(paid.paid_minor, 0) as paid_minor,
    case when summed.accepted_count > 0 then approver.approved_by end as approved_by,
    case
      when summed.disputed_count > 0 then 'disputed'
      when summed.accepted_count < summed.line_count then 'draft'
      when coalesce(paid.paid_minor, 0) >= summed.total_minor and summed.total_minor > 0 then 'paid'
      else 'approved'
    end as state
  from summed
  left join paid
    on summed.statement_id = paid.statement_id and summed.partner_id = paid.partner_id and summed.currency = paid.currency
  left join approver on summed.statement_id = approver.statement_id`;

const LINES_AT_ONCE = 500_000;

/** The months of such lines in stretches of about so many. */
async function stretches(warehouse: WarehousePort, isWanted: string): Promise<Months[]> {
  const months = await warehouse.rows<{ month: string; lines: number }>(`
    select cast(posted_month as varchar) as month, cast(count(*) as integer) as lines
    from ledger.entry
    where role is not null and ${isWanted}
    group by posted_month
    order by posted_month`);
  const found: { first: string; last: string }[] = [];
  let lines = 0;
  for (const { month, lines: more } of months) {
    const open = found.at(-1);
    lines = open && lines + more <= LINES_AT_ONCE ? lines + more : more;
    if (open && lines > more) open.last = month;
    else found.push({ first: month, last: month });
  }
  return found;
}

/** Writes `ledger.statement_total`: of statements that were posted to since the last run, anew. */
async function writeTotals(warehouse: WarehousePort, stand: Stand): Promise<void> {
  const isWanted = isTouched(stand);
  await warehouse.run(`
    create table if not exists ledger.statement_total (statement_id varchar, partner_id varchar, month date, currency varchar,
      total_minor bigint, line_count integer, digest varchar, held_until date);
    delete from ledger.statement_total where ${isTouched(stand, 'month')}`);
  for (const months of await stretches(warehouse, isWanted))
    await warehouse.run(`insert into ledger.statement_total ${totalsOf(months, isWanted)}`);
}

/** Writes both. Reads `ledger.entry` and what was decided (decided-lines.ts). */
export async function writeStatements(
  warehouse: WarehousePort,
  stand: Stand,
  posted: readonly PostedTerms[],
): Promise<void> {
  await writePlanWords(warehouse, posted);
  await warehouse.run(statementLine);
  await writeTotals(warehouse, stand);
  await warehouse.run(statement);
}
