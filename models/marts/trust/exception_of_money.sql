-- Grain: stream, record, reason and currency: money that is counted but needs a person: over-payments, no rate, not applied, without
-- a won deal. since_at: since when it is so.
{{ config(materialized='ephemeral') }}
with

overpayments as (
    select * from {{ source('attribution', 'money_exception') }}
),

fx_gaps as (
    select * from {{ source('attribution', 'fx_gap') }}
),

invoices as (
    select * from {{ ref('billing_invoice') }}
),

events as (
    select * from {{ ref('billing_event') }}
),

deals as (
    select
        deal_index,
        deal_id,
        {{ deal_dated_at() }} as dated_at
    from {{ ref('deal') }}
),

currencies as (
    select * from {{ ref('billing_currency') }}
),

-- what an invoice held after each of its receipts and returns
held as (
    select
        invoice_index,
        event_index,
        effective_at,
        sum(case kind when 'payment' then amount_minor when 'dispute_won' then amount_minor else -amount_minor end)
            over (partition by invoice_index order by event_index) as held_minor
    from events
    where
        kind in ('payment', 'refund', 'dispute_lost', 'dispute_won')
        and invoice_index in (select overpayments.invoice_index from overpayments)
),

asked as (
    select
        invoice_index,
        amount_minor as asked_minor
    from events
    where kind = 'issue'
),

-- the receipt with which it came to hold more than it asks, and went on to
overpaid_since as (
    select
        held.invoice_index,
        min(held.effective_at) as since_at
    from held
    inner join (
        select
            held.invoice_index,
            max(held.event_index) filter (where held.held_minor <= asked.asked_minor) as last_index
        from held
        inner join asked on held.invoice_index = asked.invoice_index
        group by held.invoice_index
    ) as within on held.invoice_index = within.invoice_index
    where held.event_index > coalesce(within.last_index, -1)
    group by held.invoice_index
),

overpaid as (
    select
        'over_payment' as kind,
        'invoices' as stream,
        invoices.invoice_id as record_id,
        'overpaid' as reason,
        'received more than the invoice asks: the rest is no revenue' as detail,
        overpayments.amount_minor,
        invoices.currency,
        'refund it, or apply it to another invoice' as next_action,
        overpaid_since.since_at
    from overpayments
    inner join invoices on overpayments.invoice_index = invoices.invoice_index
    left join overpaid_since on overpayments.invoice_index = overpaid_since.invoice_index
),

event_without_rate as (
    select
        'fx_rate_missing' as kind,
        events.stream,
        events.event_id as record_id,
        'no_rate' as reason,
        'no ' || invoices.currency || ' rate for ' || {{ date_of_day('fx_gaps.rate_day') }} as detail,
        fx_gaps.amount_minor,
        invoices.currency,
        'deliver the rate (stream fx_rates): the amount stands unconverted until then' as next_action,
        events.effective_at as since_at
    from fx_gaps
    inner join events on fx_gaps.event_index = events.event_index
    inner join invoices on events.invoice_index = invoices.invoice_index
),

deal_without_rate as (
    select
        'fx_rate_missing' as kind,
        'deals' as stream,
        deals.deal_id as record_id,
        'no_rate' as reason,
        'no ' || currencies.currency || ' rate for ' || {{ date_of_day('fx_gaps.rate_day') }} as detail,
        fx_gaps.amount_minor,
        currencies.currency,
        'deliver the rate (stream fx_rates): the amount stands unconverted until then' as next_action,
        deals.dated_at as since_at
    from fx_gaps
    inner join deals on fx_gaps.deal_index = deals.deal_index
    inner join currencies on fx_gaps.currency_index = currencies.currency_index
    where fx_gaps.event_index < 0
),

unapplied as (
    select
        'unapplied_payment' as kind,
        'payments' as stream,
        payment_id as record_id,
        'no_invoice' as reason,
        'received, but not applied to an invoice' as detail,
        amount_minor,
        currency,
        'apply it to an invoice in billing' as next_action,
        paid_at as since_at
    from {{ ref('payments') }}
    where status = 'succeeded' and invoice_id is null and not is_future
),

without_won_deal as (
    select
        'unlinked_money' as kind,
        'invoices' as stream,
        unlinked.invoice_id as record_id,
        unlinked.reason,
        'its account has no deal won by the invoice date' as detail,
        cast(sum(unlinked.amount_minor) as bigint) as amount_minor,
        unlinked.currency,
        'put the deal on the invoice or its subscription, or close the deal in the CRM' as next_action,
        min(invoices.issued_at) as since_at
    from {{ ref('fct_unlinked_money') }} as unlinked
    left join invoices on unlinked.invoice_id = invoices.invoice_id
    where unlinked.reason = 'no_won_deal' and unlinked.basis = 'invoiced'
    group by unlinked.invoice_id, unlinked.reason, unlinked.currency
)

select * from overpaid
union all
select
    kind,
    stream,
    record_id,
    reason,
    min(detail) as detail,
    cast(max(abs(amount_minor)) as bigint) as amount_minor,
    currency,
    min(next_action) as next_action,
    min(since_at) as since_at
from event_without_rate
group by kind, stream, record_id, reason, currency
union all
select * from deal_without_rate
union all
select * from unapplied
union all
select * from without_won_deal
