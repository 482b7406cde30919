// What of commissions needs a person, in the shape of the work list: pay that waits for a rate, evidence that contradicts a lock,
// payouts that were too much or match no statement. Grain of `attribution.commission_exception`: stream × record × reason × currency.
import type { WarehousePort } from '../../ports.ts';
import { nameOf } from '../../sql.ts';
import { amountText } from '../entry-sql.ts';
import { lockChangeCodes } from '../tables.ts';

/** Pay that waits for a rate, and evidence that contradicts a lock with the money at stake. */
const earningExceptions = `
  create or replace table attribution.commission_exception as
  with contested_deal as (
    select distinct deal.deal_index, deal.deal_id
    from attribution.commission_lock_change as change
    inner join journeys.deal as deal on change.deal_index = deal.deal_index
  ), contested as (
    select deal_id, deal_id as id from contested_deal
    union all
    select contested_deal.deal_id, line.line_id
    from contested_deal
    inner join journeys.billing_invoice as invoice on contested_deal.deal_index = invoice.deal_index
    inner join journeys.billing_line as line on invoice.invoice_index = line.invoice_index
  ), detail as (
    select distinct deal.deal_id, locked.party_id as partner_id, locked.party_id || ' is paid, but '
      || ${nameOf('change.detail', lockChangeCodes)} || coalesce(' (' || evidence.party_id || ')', '') as detail,
      evidence.party_id is not null as is_of_another
    from attribution.commission_lock_change as change
    inner join journeys.deal as deal on change.deal_index = deal.deal_index
    inner join journeys.party as locked on change.locked_party = locked.party_index
    left join journeys.party as evidence on change.evidence_party = evidence.party_index
  ), change as (
    select deal_id, partner_id, string_agg(detail, '; ' order by detail) as detail, bool_or(is_of_another) as is_of_another
    from detail
    group by deal_id, partner_id
  )
  select 'commission_rate_missing' as kind, stream, record_id, 'no_plan_rate' as reason,
    'no rate into the plan currency: ' || string_agg(distinct currency || ' to ' || plan_currency || ' for ' || rate_date, '; '
      order by currency || ' to ' || plan_currency || ' for ' || rate_date) as detail,
    cast(sum(amount_minor) // count(distinct (partner_id, deal_id)) as bigint) as amount_minor, currency,
    'deliver the rate: the commission accrues with the next run' as next_action
  from attribution.commission_rate_missing
  group by stream, record_id, currency
  union all
  select 'sourcing_change', 'deals', change.deal_id, 'sourcing_change', string_agg(change.detail, '; ' order by change.partner_id),
    cast(sum(target.amount_minor) as bigint), target.currency,
    if(bool_or(change.is_of_another),
      'leave it as it is, or move the pay by an override: sourced override add deal_sourcing ' || change.deal_id || ' PARTNER',
      'leave it as it is, or name the partner to pay by an override; a dispute of its lines holds the pay')
  from change
  left join (
    select contested.deal_id, earned.partner_id, earned.currency, sum(earned.amount_minor) as amount_minor
    from contested
    inner join earned_row as earned on contested.id = coalesce(earned.invoice_line_id, earned.deal_id)
    group by all
    having sum(earned.amount_minor) <> 0
  ) as target on change.deal_id = target.deal_id and change.partner_id = target.partner_id
  group by change.deal_id, target.currency`;

/** What of a payout above what was payable is recoverable still; where the same amount was paid for the same statement before, it says so. */
const payoutExcess = `
  insert into attribution.commission_exception by name
  with excess as (
    select payout.payout_id as id, payout.partner_id, payout.currency, excess.amount_minor
    from attribution.payout_excess as excess
    inner join core.payouts as payout on excess.payout_id = payout.payout_id
  ), twin as (
    select later.payout_id, min(earlier.payout_id) as earlier_id
    from core.payouts as later
    inner join core.payouts as earlier
      on later.partner_id = earlier.partner_id and later.statement_id = earlier.statement_id
      and later.currency = earlier.currency and later.amount_minor = earlier.amount_minor
      and (earlier.paid_date, earlier.payout_id) < (later.paid_date, later.payout_id)
    where not later.is_future
    group by later.payout_id
  )
  select 'payout_excess' as kind, 'payouts' as stream, excess.id as record_id, 'payout_excess' as reason,
    case when twin.payout_id is not null
      then 'paid twice: ' || twin.earlier_id || ' paid the same amount for the same statement; the excess is recoverable from '
      else 'paid above what was payable: the excess is recoverable from ' end || excess.partner_id as detail,
    excess.amount_minor, excess.currency,
    case when twin.payout_id is not null
      then 'ask for it back, or let it net the next commission; if another statement was meant, correct it in the payout system'
      else 'approve the statements that it settles; what is left nets the next ones' end as next_action
  from excess
  left join twin on excess.id = twin.payout_id
  where excess.id not in (
    select unmatched.record_id from attribution.commission_exception as unmatched where unmatched.kind = 'payout_unmatched'
  )`;

/** A payout that names no statement of its partner and currency settles nothing in particular; what of it is recoverable is said there. */
const unmatchedPayout = `
  insert into attribution.commission_exception by name
  with named as (
    select payout.*, statement.partner_id as owner_id, statement.currency as owner_currency,
      case
        when owner_id is null then 'unknown_statement' when owner_id <> payout.partner_id then 'other_partner'
        when owner_currency <> payout.currency then 'other_currency'
      end as reason
    from core.payouts as payout
    left join ledger.statement as statement on payout.statement_id = statement.statement_id
    where not payout.is_future and payout.statement_id is not null
  )
  select 'payout_unmatched' as kind, 'payouts' as stream, named.payout_id as record_id, reason,
    'names the statement ' || statement_id || case reason
      when 'unknown_statement' then ', which does not exist'
      when 'other_partner' then ', which is not of ' || partner_id || ', to whom it was paid: it settles what is due to ' || partner_id
      else ', which is in ' || owner_currency || ': it settles what is due in ' || currency
    end
      || coalesce('; ' || ${amountText('excess.amount_minor', 'currency')} || ' ' || currency
        || ' of it is above what was payable and recoverable from ' || partner_id, '') as detail,
    named.amount_minor, currency,
    case reason
      when 'other_partner' then 'correct the statement or the partner in the payout system; if the wrong partner was paid, ask for it back'
      when 'other_currency' then 'correct the currency or the statement in the payout system; if it was paid in the wrong currency, ask for it back'
      else 'correct the statement in the payout system'
    end as next_action
  from named
  left join attribution.payout_excess as excess on named.payout_id = excess.payout_id
  where reason is not null`;

/**
 * A statement that was paid too much of where the rest came out of what else was payable: nothing is recoverable, and the next
 * payout sets it off. Said until there is one.
 */
const overpaidStatement = `
  insert into attribution.commission_exception by name
  with paid as (
    select payout_id, partner_id, statement_id, currency, amount_minor,
      lead(payout_id) over (partition by partner_id, currency order by paid_date, payout_id) as next_id,
      lag(payout_id) over (partition by statement_id, partner_id, currency order by paid_date, payout_id) as earlier_id,
      sum(amount_minor) over (partition by statement_id, partner_id, currency order by paid_date, payout_id) as paid_minor
    from core.payouts
    where not is_future
  )
  select 'payout_excess' as kind, 'payouts' as stream, paid.payout_id as record_id, 'payout_excess' as reason,
    'paid above the total of its statement' || coalesce(', which ' || paid.earlier_id || ' had paid', '')
      || ': the rest came out of what else was payable to ' || paid.partner_id as detail,
    cast(least(paid.amount_minor, paid.paid_minor - greatest(statement.total_minor, 0)) as bigint) as amount_minor, paid.currency,
    'let the next payout set it off, or ask for it back; if another statement was meant, correct it in the payout system'
      as next_action
  from paid
  inner join ledger.statement as statement
    on paid.statement_id = statement.statement_id and paid.partner_id = statement.partner_id
    and paid.currency = statement.currency
  where paid.next_id is null and paid.paid_minor > greatest(statement.total_minor, 0)
    and paid.payout_id not in (select excess.payout_id from attribution.payout_excess as excess)`;

/** Makes the table anew, of earnings. Reads the temporary `earned_row`. */
export async function writeEarningExceptions(warehouse: WarehousePort): Promise<void> {
  await warehouse.run(earningExceptions);
}

/** Adds those of payouts, each payout once. Reads `attribution.payout_excess` and `ledger.statement`. */
export async function addPayoutExceptions(warehouse: WarehousePort): Promise<void> {
  for (const query of [unmatchedPayout, payoutExcess, overpaidStatement]) await warehouse.run(query);
}
