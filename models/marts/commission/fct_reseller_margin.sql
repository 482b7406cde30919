-- Grain: invoice that a reseller answers for: what it keeps of the list price (domain.md 8). Reported, never a commission.
-- The reseller is the one the invoice is billed to, else the one the deal names.
with

invoices as (
    select * from {{ ref('billing_invoice') }}
),

customers as (
    select
        customer_id,
        partner_id
    from {{ ref('billing_customers') }}
),

deals as (
    select
        deal_id,
        reseller_partner_id
    from {{ ref('deals') }}
),

lines as (
    select
        invoice_id,
        cast(coalesce(sum(list_amount_minor), 0) as bigint) as list_minor,
        cast(coalesce(sum(amount_minor) filter (list_amount_minor is not null), 0) as bigint) as net_minor,
        count(*) filter (list_amount_minor is null) as unpriced_lines
    from {{ ref('invoice_lines') }}
    group by invoice_id
),

resold as (
    select
        invoices.*,
        coalesce(customers.partner_id, deals.reseller_partner_id) as partner_id
    from invoices
    left join customers on invoices.customer_id = customers.customer_id
    left join deals on invoices.deal_id = deals.deal_id
)

select
    resold.invoice_id,
    resold.partner_id,
    resold.deal_id,
    cast(date_trunc('month', resold.issued_date) as date) as month,
    resold.currency,
    lines.list_minor,
    lines.net_minor,
    lines.list_minor - lines.net_minor as margin_minor,
    lines.unpriced_lines
from resold
inner join lines on resold.invoice_id = lines.invoice_id
where resold.partner_id is not null
