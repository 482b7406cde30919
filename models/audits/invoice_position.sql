-- Grain: invoice that counts. Its paid position and credit notes at as_of, computed from totals alone (fine-print 19, 20): an
-- oracle for the fold in the job, which shares no code with it.
with

invoices as (
    select
        invoice_index,
        currency
    from {{ ref('billing_invoice') }}
),

totals as (
    select
        invoice_index,
        sum(net_minor + tax_minor) as total_minor
    from {{ ref('billing_line') }}
    group by invoice_index
),

events as (
    select * from {{ ref('billing_event') }}
),

-- what a lost dispute took and a won one gave back: never below nothing, so the sum less its lowest point below zero
dispute_sums as (
    select
        invoice_index,
        payment_event_index,
        event_index,
        sum(case when kind = 'dispute_lost' then amount_minor else -amount_minor end) over (
            partition by invoice_index, payment_event_index
            order by event_index
        ) as running_minor
    from events
    where kind in ('dispute_lost', 'dispute_won')
),

disputes as (
    select
        invoice_index,
        payment_event_index,
        arg_max(running_minor, event_index) - least(0, min(running_minor)) as disputed_minor
    from dispute_sums
    group by invoice_index, payment_event_index
),

payments as (
    select
        invoice_index,
        payment_event_index,
        sum(amount_minor) filter (where kind = 'payment') as paid_minor,
        sum(amount_minor) filter (where kind = 'refund') as refunded_minor
    from events
    where kind in ('payment', 'refund', 'dispute_lost')
    group by invoice_index, payment_event_index
),

returned as (
    select
        payments.invoice_index,
        sum(coalesce(payments.paid_minor, 0)) as received_minor,
        sum(least(
            payments.paid_minor,
            coalesce(payments.refunded_minor, 0) + coalesce(disputes.disputed_minor, 0)
        )) filter (where payments.payment_event_index >= 0) as returned_by_payment_minor,
        sum(coalesce(payments.refunded_minor, 0) + coalesce(disputes.disputed_minor, 0))
            filter (where payments.payment_event_index < 0) as returned_by_invoice_minor
    from payments
    left join disputes
        on
            payments.invoice_index = disputes.invoice_index
            and payments.payment_event_index = disputes.payment_event_index
    group by payments.invoice_index
),

credits as (
    select
        invoice_index,
        sum(amount_minor) as noted_minor
    from events
    where kind = 'credit_note'
    group by invoice_index
),

summed as (
    select
        invoices.invoice_index,
        invoices.currency,
        coalesce(totals.total_minor, 0) as total_minor,
        coalesce(returned.received_minor, 0) as received_minor,
        coalesce(returned.returned_by_payment_minor, 0)
        + least(coalesce(returned.returned_by_invoice_minor, 0), coalesce(returned.received_minor, 0)) as returned_minor,
        least(greatest(coalesce(totals.total_minor, 0), 0), coalesce(credits.noted_minor, 0)) as credited_minor
    from invoices
    left join totals on invoices.invoice_index = totals.invoice_index
    left join returned on invoices.invoice_index = returned.invoice_index
    left join credits on invoices.invoice_index = credits.invoice_index
)

select
    invoice_index,
    currency,
    cast(total_minor as bigint) as total_minor,
    cast(received_minor as bigint) as received_minor,
    cast(returned_minor as bigint) as returned_minor,
    cast(credited_minor as bigint) as credited_minor,
    cast(greatest(0, least(received_minor - returned_minor, total_minor - credited_minor)) as bigint) as position_minor
from summed
