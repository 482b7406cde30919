-- Money that is counted but needs a person: no exchange rate, over-payments, unlinked and unapplied money. Warns. Grain: exception.
with

fx_gaps as (
    select count(*) as exception_count
    from {{ source('attribution', 'fx_gap') }}
),

overpayments as (
    select count(*) as exception_count
    from {{ source('attribution', 'money_exception') }}
),

unlinked as (
    select count(distinct invoice_id) as exception_count
    from {{ ref('fct_unlinked_money') }}
),

unapplied as (
    select count(*) as exception_count
    from {{ ref('payments') }}
    where status = 'succeeded' and invoice_id is null and not is_future
),

without_amount as (
    select count(*) as exception_count
    from {{ ref('dim_deal') }}
    where state = 'won' and amount_is_missing
),

exceptions as (
    select
        'fx_rate_missing' as name,
        exception_count,
        'money events without an exchange rate: shown as unconverted, in no converted total' as detail
    from fx_gaps
    union all
    select
        'overpaid_invoices' as name,
        exception_count,
        'invoices received more than they ask: the rest is no revenue' as detail
    from overpayments
    union all
    select
        'unlinked_invoices' as name,
        exception_count,
        'invoices with money that belongs to no deal' as detail
    from unlinked
    union all
    select
        'unapplied_payments' as name,
        exception_count,
        'payments without an invoice' as detail
    from unapplied
    union all
    select
        'won_without_amount' as name,
        exception_count,
        'won deals without an amount: booked as 0' as detail
    from without_amount
)

select
    name,
    'warn' as level,
    exception_count = 0 as is_passed,
    exception_count || ' ' || detail as detail
from exceptions
