-- Payments that were received by as_of, each part with the invoice it was applied to, where that one counts.
-- One row a payment × invoice.
with

setting as (

    select as_of from {{ source('config', 'setting') }}

),

payments as (

    select * from {{ ref('payments') }}

),

invoices as (

    select
        invoice_id,
        invoice_index
    from {{ ref('billing_invoice') }}

)

select
    invoices.invoice_index,
    payments.payment_id,
    payments.invoice_id,
    payments.paid_at,
    payments.paid_date,
    payments.amount_minor
from payments
left join invoices on payments.invoice_id = invoices.invoice_id
cross join setting
where
    payments.status = 'succeeded'
    and payments.paid_at <= setting.as_of
