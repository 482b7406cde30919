-- Grain: stream, record, reason and currency: what a person should look at, with the money at stake and the next action.
-- at_stake_minor is that money in the reporting currency at the latest rate; null without one.
with

core_exceptions as (
    select * from {{ ref('exception') }}
),

overpayments as (
    select * from {{ source('attribution', 'money_exception') }}
),

fx_gaps as (
    select * from {{ source('attribution', 'fx_gap') }}
),

commission_exceptions as (
    select * from {{ source('attribution', 'commission_exception') }}
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
        deal_id
    from {{ ref('deal') }}
),

currencies as (
    select * from {{ ref('billing_currency') }}
),

rates as (
    select * from {{ ref('reporting_rate') }}
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
        'refund it, or apply it to another invoice' as next_action
    from overpayments
    inner join invoices on overpayments.invoice_index = invoices.invoice_index
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
        'deliver the rate (stream fx_rates): the amount stands unconverted until then' as next_action
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
        'deliver the rate (stream fx_rates): the amount stands unconverted until then' as next_action
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
        'apply it to an invoice in billing' as next_action
    from {{ ref('payments') }}
    where status = 'succeeded' and invoice_id is null and not is_future
),

without_won_deal as (
    select
        'unlinked_money' as kind,
        'invoices' as stream,
        invoice_id as record_id,
        reason,
        'its account has no deal won by the invoice date' as detail,
        cast(sum(amount_minor) as bigint) as amount_minor,
        currency,
        'put the deal on the invoice or its subscription, or close the deal in the CRM' as next_action
    from {{ ref('fct_unlinked_money') }}
    where reason = 'no_won_deal' and basis = 'invoiced'
    group by invoice_id, reason, currency
),

everything as (
    select * from core_exceptions
    union all
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
        min(next_action) as next_action
    from event_without_rate
    group by kind, stream, record_id, reason, currency
    union all
    select * from deal_without_rate
    union all
    select * from unapplied
    union all
    select * from without_won_deal
    union all
    select
        kind,
        stream,
        record_id,
        reason,
        detail,
        amount_minor,
        currency,
        next_action
    from commission_exceptions
)

select
    everything.*,
    try_cast(try(abs(everything.amount_minor) * rates.numerator // rates.denominator) as bigint) as at_stake_minor
from everything
left join rates on everything.currency = rates.currency
