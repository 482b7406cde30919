// What becomes due, and what a dispute holds back, over the warehouse: approvals and disputes meet the earnings of their
// invoices. Only invoices that somebody decided about, disputed, or that gave back more than they had earned are looked at.
import type { DayNumber } from '../../../core/month.ts';
import type { StatementDecision } from '../../../core/statement.ts';
import type { WarehousePort } from '../../ports.ts';
import { signedMinor } from '../entry-sql.ts';
import { writeDecidedLines } from './decided-lines.ts';
import { type EventEarnings, heldOf } from './holds.ts';
import { releaseSteps } from './release.ts';

/** One step of one invoice (or booked deal) of a partner. */
export interface DueStep {
  readonly kind: 'release' | 'dispute';
  readonly id: string;
  readonly partner_id: string;
  readonly currency: string;
  readonly day: DayNumber;
  readonly amount_minor: bigint;
}

/** Writes what was decided and what payers dispute, and gives every step up to the business clock. */
export async function readDue(
  warehouse: WarehousePort,
  decisions: readonly StatementDecision[],
  as_of_day: DayNumber,
): Promise<DueStep[]> {
  await writeDecidedLines(
    warehouse,
    decisions.filter(({ day }) => day <= as_of_day),
  );
  await warehouse.run(paymentDispute);
  const rows = await warehouse.rows<DueRow>(dueQuery(as_of_day));
  const groups = Map.groupBy(rows, ({ partner_id, currency, id }) => JSON.stringify([partner_id, currency, id]));
  return [...groups.values()].flatMap(stepsOf);
}

/** A payer's dispute holds the commission on its payment until it is won or lost, in proportion (fine-print 20). */
const paymentDispute = `
  create or replace table attribution.payment_dispute as
  with opened as (
    select event_index, invoice_index, payment_event_index, effective_us, effective_day, amount_minor
    from journeys.billing_event where kind = 'dispute_opened'
  ), ended as (
    select opened.event_index, opened.invoice_index, opened.payment_event_index, opened.effective_day as from_day,
      min(event.effective_day) as to_day, opened.amount_minor
    from opened
    left join journeys.billing_event as event
      on opened.invoice_index = event.invoice_index and opened.payment_event_index = event.payment_event_index
      and event.kind in ('dispute_won', 'dispute_lost') and event.effective_us >= opened.effective_us
    group by all
  )
  select ended.event_index, payment.event_id as payment_id, invoice.invoice_id, ended.from_day, ended.to_day,
    least(ended.amount_minor, sum(payment.amount_minor) over (partition by ended.invoice_index, ended.event_index))
      as disputed_minor,
    sum(payment.amount_minor) over (partition by ended.invoice_index, ended.event_index) as paid_minor
  from ended
  inner join journeys.billing_invoice as invoice on ended.invoice_index = invoice.invoice_index
  inner join journeys.billing_event as payment
    on payment.kind = 'payment' and payment.invoice_index = ended.invoice_index
    and (payment.event_index = ended.payment_event_index or ended.payment_event_index = -1)
  where payment.amount_minor > 0`;

type DueRow = {
  readonly partner_id: string;
  readonly currency: string;
  readonly id: string;
  /** Kind and id of what earned. */
  readonly event: string;
  /** The posted line; null where the part is of the whole event. */
  readonly entry_id: string | null;
  readonly part: 'earned' | 'clawed' | 'approved' | 'line_dispute' | 'payer_dispute';
  readonly day: number;
  /** End of a dispute; null while it lasts. */
  readonly to_day: number | null;
  readonly amount_minor: bigint;
  /** What the payer paid, where part of it is in dispute. */
  readonly paid_minor: bigint | null;
};

/** Amounts of the invoices to look at. The corrections of a disputed line are in its dispute: what it does not earn any more holds nothing. */
const dueQuery = (as_of_day: DayNumber) => `
  with earned as (
    select *, coalesce(invoice_id, deal_id) as id from earned_row
  ), line as (
    select *, ${signedMinor('entry')} as signed_minor, coalesce(invoice_id, deal_id) as group_id
    from ledger.entry as entry
    where role is not null
  ), approved as (
    select line.partner_id, line.currency, line.group_id as id, line.event_kind || ' ' || line.event_id as event, line.entry_id,
      line.signed_minor as amount_minor,
      greatest(approved_line.day, coalesce(cast(line.held_until - date '1970-01-01' as integer), approved_line.day)) as day
    from attribution.approved_line as approved_line
    inner join line on approved_line.entry_id = line.entry_id
    where line.entry_type <> 'clawback'
  ), line_dispute as (
    select distinct line.partner_id, line.currency, line.group_id as id, line.event_kind || ' ' || line.event_id as event, line.entry_id,
      dispute.from_day, dispute.to_day, line.signed_minor as amount_minor
    from attribution.disputed_line as dispute
    inner join line on dispute.cause_id = line.cause_id and dispute.entry_type = line.entry_type
    where line.entry_type <> 'clawback'
  ), target as materialized (
    select partner_id, currency, id, entry_type, event_kind || ' ' || event_id as event,
      cast(effective_date - date '1970-01-01' as integer) as day, amount_minor
    from earned
    where id in (
      select taken.id from earned as taken where entry_type = 'clawback'
      union select approved.id from approved
      union select line_dispute.id from line_dispute
      union select invoice_id from attribution.payment_dispute
    )
  ), event as (
    select partner_id, currency, id, event from target where entry_type <> 'clawback'
    union select partner_id, currency, id, event from approved
  ), payer_dispute as (
    select event.*, dispute.event_index, dispute.from_day, dispute.to_day, dispute.disputed_minor, dispute.paid_minor
    from attribution.payment_dispute as dispute
    inner join event on event.event = 'payment ' || dispute.payment_id and event.id = dispute.invoice_id
  ), looked_at as (
    select partner_id, currency, id from approved
    union select partner_id, currency, id from line_dispute
    union select partner_id, currency, id from payer_dispute
    union
    select partner_id, currency, id from target
    group by all
    having -coalesce(sum(amount_minor) filter (entry_type = 'clawback'), 0)
      > greatest(coalesce(sum(amount_minor) filter (entry_type <> 'clawback'), 0), 0)
  ), part as (
    select partner_id, currency, id, event, cast(null as varchar) as entry_id,
      case entry_type when 'clawback' then 'clawed' else 'earned' end as part, day, cast(null as integer) as to_day,
      cast(sum(amount_minor) as bigint) as amount_minor, cast(null as bigint) as paid_minor
    from target
    group by all
    union all select partner_id, currency, id, event, entry_id, 'approved', day, null, amount_minor, null from approved
    union all
    select partner_id, currency, id, event, entry_id, 'line_dispute', from_day, to_day, amount_minor, null from line_dispute
    union all
    select partner_id, currency, id, event, null, 'payer_dispute', from_day, to_day, disputed_minor, cast(paid_minor as bigint)
    from payer_dispute
  )
  select part.*
  from part
  inner join looked_at using (partner_id, currency, id)
  where part.day <= ${as_of_day}
  order by part.partner_id, part.currency, part.id`;

function stepsOf(rows: readonly DueRow[]): DueStep[] {
  const { partner_id, currency, id } = rows[0]!;
  const held = [...Map.groupBy(rows, ({ event }) => event).values()].map((of) => heldOf(earningsOf(of)));
  const { releases, disputes } = releaseSteps({
    earned: rows.filter(({ part }) => part === 'earned'),
    clawed: rows.filter(({ part }) => part === 'clawed'),
    approved: held.flatMap(({ approved }) => approved),
    disputed: held.flatMap(({ disputed }) => disputed),
  });
  return [
    ...releases.map((step) => ({ kind: 'release' as const, id, partner_id, currency, ...step })),
    ...disputes.map((step) => ({ kind: 'dispute' as const, id, partner_id, currency, ...step })),
  ];
}

function earningsOf(rows: readonly DueRow[]): EventEarnings {
  const named = (name: DueRow['part']) => rows.filter(({ part }) => part === name);
  const line = ({ entry_id, amount_minor }: DueRow) => ({ entry_id: entry_id!, amount_minor });
  const span = ({ day, to_day }: DueRow) => ({ from_day: day, to_day });
  return {
    earned: named('earned'),
    approved: named('approved').map((row) => ({ ...line(row), day: row.day })),
    line_disputes: named('line_dispute').map((row) => ({ ...line(row), ...span(row) })),
    payer_disputes: named('payer_dispute').map((row) => ({
      ...span(row),
      disputed_minor: row.amount_minor,
      paid_minor: row.paid_minor!,
    })),
  };
}
