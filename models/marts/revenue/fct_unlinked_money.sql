-- Grain: unlinked invoice, basis and month: money that belongs to no deal, with the reason; never dropped (domain.md 2).
with

unlinked_money as (
    select * from {{ source('attribution', 'unlinked_money') }}
),

invoices as (
    select * from {{ ref('billing_invoice') }}
)

select
    invoices.invoice_id,
    invoices.customer_id,
    invoices.account_id,
    invoices.unlinked_reason as reason,
    {{ basis_name('unlinked_money.basis') }} as basis,
    {{ date_of_day('unlinked_money.month_day') }} as month,
    invoices.currency,
    unlinked_money.amount_minor,
    unlinked_money.reporting_amount_minor,
    unlinked_money.unconverted_minor
from unlinked_money
inner join invoices on unlinked_money.invoice_index = invoices.invoice_index
