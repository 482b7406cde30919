-- The fold of every single invoice ends where its totals say, and its movements on a closed position leave nothing behind.
with

positions as (
    select * from {{ ref('invoice_position') }}
),

movements as (
    select
        invoice_index,
        sum(amount_minor + tax_minor) filter (where {{ basis_name('basis') }} = 'paid') as paid_minor,
        sum(amount_minor + tax_minor) filter (where {{ basis_name('basis') }} = 'invoiced') as invoiced_minor
    from {{ source('attribution', 'line_movement') }}
    group by invoice_index
),

counted as (
    select
        count(*) as invoice_count,
        count(*) filter (
            where
            positions.position_minor <> coalesce(movements.paid_minor, 0)
            or positions.total_minor - positions.credited_minor <> coalesce(movements.invoiced_minor, 0)
        ) as broken_count
    from positions
    left join movements on positions.invoice_index = movements.invoice_index
)

select
    'invoices' as name,
    'block' as level,
    broken_count = 0 as is_passed,
    invoice_count || ' invoices, ' || broken_count || ' whose lines do not add up to what was paid or invoiced' as detail,
    'invoice_position' as reads
from counted
