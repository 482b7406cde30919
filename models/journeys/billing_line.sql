-- Lines of the invoices that count. One row a line, dense by (invoice_index, line_id).
with

lines as (

    select * from {{ ref('invoice_lines') }}

),

invoices as (

    select
        invoice_id,
        invoice_index
    from {{ ref('billing_invoice') }}

)

select
    cast(row_number() over (order by invoices.invoice_index, lines.line_id) - 1 as integer) as line_index,
    invoices.invoice_index,
    lines.line_id,
    lines.product,
    lines.amount_minor as net_minor,
    cast(coalesce(lines.tax_amount_minor, 0) as bigint) as tax_minor
from lines
inner join invoices on lines.invoice_id = invoices.invoice_id
order by line_index
