-- Grain: invoice issued by as_of, a void one included (it counts nowhere): what it asks, what was paid net of tax, whose deal it is.
with

invoices as (
    select * from {{ ref('invoices') }}
    where not is_future
),

links as (
    select * from {{ ref('invoice_deal_link') }}
),

totals as (
    select
        invoice_id,
        cast(sum(amount_minor) as bigint) as net_minor,
        cast(coalesce(sum(tax_amount_minor), 0) as bigint) as tax_minor
    from {{ ref('invoice_lines') }}
    group by invoice_id
),

paid_sums as (
    select
        invoice_index,
        cast(sum(amount_minor) as bigint) as paid_net_minor,
        cast(sum(tax_minor) as bigint) as paid_tax_minor
    from {{ source('attribution', 'line_movement') }}
    where {{ basis_name('basis') }} = 'paid'
    group by invoice_index
),

paid as (
    select
        counted.invoice_id,
        paid_sums.paid_net_minor,
        paid_sums.paid_tax_minor
    from paid_sums
    inner join {{ ref('billing_invoice') }} as counted on paid_sums.invoice_index = counted.invoice_index
)

select
    invoices.invoice_id,
    invoices.customer_id,
    links.account_id,
    links.deal_id,
    links.method as link_method,
    links.reason as link_reason,
    invoices.status,
    invoices.currency,
    invoices.issued_date,
    invoices.due_date,
    coalesce(totals.net_minor, 0) as net_minor,
    coalesce(totals.tax_minor, 0) as tax_minor,
    coalesce(paid.paid_net_minor, 0) as paid_net_minor,
    coalesce(paid.paid_tax_minor, 0) as paid_tax_minor
from invoices
left join links on invoices.invoice_id = links.invoice_id
left join totals on invoices.invoice_id = totals.invoice_id
left join paid on invoices.invoice_id = paid.invoice_id
