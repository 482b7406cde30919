-- Every money event of the invoices that count: issues, receipts, adjustments. One row an event × invoice, clustered by invoice.
-- event_index is dense in the one order in which events act over all invoices (fine-print 21).
with

invoices as (

    select * from {{ ref('billing_invoice') }}

),

totals as (

    select
        invoice_index,
        cast(sum(net_minor + tax_minor) as bigint) as total_minor
    from {{ ref('billing_line') }}
    group by invoice_index

),

issues as (

    select
        invoices.invoice_index,
        0 as act_order,
        'issue' as kind,
        'invoices' as stream,
        invoices.invoice_id as event_id,
        cast(null as varchar) as payment_id,
        invoices.issued_at as own_at,
        invoices.issued_date as own_date,
        invoices.issued_at as effective_at,
        invoices.issued_date as effective_date,
        coalesce(totals.total_minor, 0) as amount_minor
    from invoices
    left join totals on invoices.invoice_index = totals.invoice_index

),

receipts as (

    select
        invoice_index,
        1 as act_order,
        'payment' as kind,
        'payments' as stream,
        payment_id as event_id,
        payment_id,
        paid_at as own_at,
        paid_date as own_date,
        paid_at as effective_at,
        paid_date as effective_date,
        amount_minor
    from {{ ref('billing_receipt') }}
    where invoice_index is not null

),

returns as (

    select
        invoice_index,
        2 as act_order,
        kind,
        'payment_adjustments' as stream,
        adjustment_id as event_id,
        payment_id,
        occurred_at as own_at,
        occurred_date as own_date,
        effective_at,
        effective_date,
        amount_minor
    from {{ ref('billing_return') }}

),

events as (

    select * from issues
    union all
    select * from receipts
    union all
    select * from returns

),

ordered as (

    select
        *,
        cast(
            row_number() over (
                order by effective_at, act_order, own_at, event_id, invoice_index
            ) - 1 as integer
        ) as event_index
    from events

),

numbered as (

    select
        *,
        min(event_index) over (partition by kind, event_id) as first_event_index
    from ordered

),

payment_events as (

    select
        invoice_index,
        payment_id,
        event_index as payment_event_index
    from ordered
    where kind = 'payment'

)

select
    numbered.event_index,
    numbered.first_event_index,
    numbered.invoice_index,
    cast(
        array_position(
            [
                'issue', 'payment', 'refund', 'credit_note',
                'dispute_opened', 'dispute_won', 'dispute_lost', 'write_off'
            ],
            numbered.kind
        ) - 1 as integer
    ) as event_kind,
    numbered.kind,
    numbered.stream,
    numbered.event_id,
    epoch_us(numbered.own_at) as own_us,
    cast(numbered.own_date - date '1970-01-01' as integer) as own_day,
    epoch_us(numbered.effective_at) as effective_us,
    cast(numbered.effective_date - date '1970-01-01' as integer) as effective_day,
    numbered.effective_at,
    numbered.effective_date,
    numbered.amount_minor,
    coalesce(payment_events.payment_event_index, -1) as payment_event_index
from numbered
left join payment_events
    on
        numbered.invoice_index = payment_events.invoice_index
        and numbered.payment_id = payment_events.payment_id
order by numbered.invoice_index, numbered.event_index
