-- Adjustments by as_of, each on the invoice it belongs to, with the time it acts (fine-print 20): a refund or dispute dated
-- before its payment acts right after it; one whose payment has not arrived has no effect yet and is left out.
-- One row an adjustment × invoice. An adjustment that names only a payment spread over several invoices is split over them by
-- the amounts applied (also to invoices that do not count, or to none yet), largest remainder first: the split of all of its
-- kind so far less the split before, so that refunds in parts come to the same as one.
with

setting as (

    select as_of from {{ source('config', 'setting') }}

),

adjustments as (

    select
        adjustments.*,
        adjustments.payment_id is null
        or (adjustments.kind in ('credit_note', 'write_off') and adjustments.invoice_id is not null) as is_of_invoice
    from {{ ref('payment_adjustments') }} as adjustments
    cross join setting
    where adjustments.occurred_at <= setting.as_of

),

receipts as (

    select * from {{ ref('billing_receipt') }}

),

first_receipts as (

    select
        invoice_id,
        invoice_index,
        min(paid_at) as paid_at,
        min(paid_date) as paid_date
    from receipts
    group by invoice_id, invoice_index

),

invoices as (

    select
        invoice_id,
        invoice_index
    from {{ ref('billing_invoice') }}

),

of_payment as (

    select
        adjustments.adjustment_id,
        adjustments.kind,
        adjustments.occurred_at,
        adjustments.occurred_date,
        receipts.invoice_index,
        receipts.invoice_id,
        receipts.payment_id,
        receipts.paid_at,
        receipts.paid_date,
        adjustments.invoice_id as named_invoice_id,
        sum(adjustments.amount_minor) over (
            partition by adjustments.payment_id, adjustments.kind, adjustments.invoice_id, receipts.invoice_id
            order by adjustments.occurred_at, adjustments.adjustment_id
        ) as so_far_minor,
        receipts.amount_minor as applied_minor,
        sum(receipts.amount_minor) over (partition by adjustments.adjustment_id) as applied_total_minor
    from adjustments
    inner join receipts
        on
            adjustments.payment_id = receipts.payment_id
            and (adjustments.invoice_id is null or adjustments.invoice_id = receipts.invoice_id)
    where not adjustments.is_of_invoice

),

floors as (

    select
        *,
        case
            when applied_total_minor = 0 then so_far_minor
            else so_far_minor * applied_minor // applied_total_minor
        end as share_minor,
        case
            when applied_total_minor = 0 then 0
            else so_far_minor * applied_minor % applied_total_minor
        end as remainder_minor
    from of_payment

),

ranked as (

    select
        *,
        row_number() over (
            partition by adjustment_id
            order by remainder_minor desc, invoice_id nulls last
        ) as remainder_rank,
        so_far_minor - sum(share_minor) over (partition by adjustment_id) as left_minor
    from floors

),

shares as (

    select
        *,
        share_minor + case when remainder_rank <= left_minor then 1 else 0 end as share_so_far_minor
    from ranked

),

of_payment_split as (

    select
        adjustment_id,
        kind,
        occurred_at,
        occurred_date,
        invoice_index,
        payment_id,
        paid_at,
        paid_date,
        cast(share_so_far_minor - lag(share_so_far_minor, 1, 0) over (
            partition by payment_id, kind, named_invoice_id, invoice_id
            order by occurred_at, adjustment_id
        ) as bigint) as amount_minor
    from shares

),

of_invoice as (

    select
        adjustments.adjustment_id,
        adjustments.kind,
        adjustments.occurred_at,
        adjustments.occurred_date,
        invoices.invoice_index,
        cast(null as varchar) as payment_id,
        first_receipts.paid_at,
        first_receipts.paid_date,
        adjustments.amount_minor
    from adjustments
    inner join invoices on adjustments.invoice_id = invoices.invoice_id
    left join first_receipts on invoices.invoice_id = first_receipts.invoice_id
    where adjustments.is_of_invoice

),

placed as (

    select * from of_payment_split
    union all
    select * from of_invoice

)

select
    adjustment_id,
    invoice_index,
    payment_id,
    kind,
    occurred_at,
    occurred_date,
    case
        when kind in ('credit_note', 'write_off') then occurred_at
        else greatest(occurred_at, paid_at)
    end as effective_at,
    case
        when kind in ('credit_note', 'write_off') then occurred_date
        else greatest(occurred_date, paid_date)
    end as effective_date,
    amount_minor
from placed
where
    invoice_index is not null
    and (kind in ('credit_note', 'write_off') or paid_at is not null)
