-- Grain: check and currency. Billing records against what the job made of them: receipts and invoices, tax included.
with

positions as (
    select
        currency,
        count(*) as invoice_count,
        cast(sum(position_minor) as bigint) as position_minor,
        cast(sum(received_minor) as bigint) as received_minor,
        cast(sum(returned_minor) as bigint) as returned_minor,
        cast(sum(received_minor - returned_minor - position_minor) as bigint) as beyond_owed_minor,
        cast(sum(total_minor - credited_minor) as bigint) as invoiced_minor
    from {{ ref('invoice_position') }}
    group by currency
),

movements as (
    select
        currencies.currency,
        movement.basis,
        cast(sum(movement.amount_minor + movement.tax_minor) as bigint) as moved_minor
    from {{ source('attribution', 'line_movement') }} as movement
    inner join {{ ref('billing_currency') }} as currencies on movement.currency_index = currencies.currency_index
    group by currencies.currency, movement.basis
),

paid as (
    select * from movements
    where {{ basis_name('basis') }} = 'paid'
),

invoiced as (
    select * from movements
    where {{ basis_name('basis') }} = 'invoiced'
),

receipts as (
    select
        payments.currency,
        sum(payments.amount_minor) as received_minor,
        sum(payments.amount_minor) filter (where payments.invoice_id is null) as unapplied_minor
    from {{ ref('payments') }} as payments
    where payments.status = 'succeeded' and not payments.is_future
    group by payments.currency
)

{{ must_equal(
    'paid_position', 'every invoice', ['positions', 'paid'], 'positions.position_minor', 'paid.moved_minor',
    'paid position of the invoices from their totals = movements of their lines, tax included'
) }}

union all

{{ must_equal(
    'invoiced_position', 'every invoice', ['positions', 'invoiced'], 'positions.invoiced_minor', 'invoiced.moved_minor',
    'invoice totals less credit notes = movements of their lines, tax included'
) }}

union all

select
    'cash_to_paid' as check_name,
    'all payments received' as scope,
    receipts.currency,
    cast(receipts.received_minor as bigint) as left_minor,
    cast(
        coalesce(paid.moved_minor, 0) + coalesce(positions.returned_minor, 0) + coalesce(positions.beyond_owed_minor, 0)
        + coalesce(receipts.unapplied_minor, 0) + receipts.received_minor - coalesce(receipts.unapplied_minor, 0)
        - coalesce(positions.received_minor, 0) as bigint
    ) as right_minor,
    true as is_exact,
    'payments received = paid revenue with tax + returned + beyond what is owed + not applied + on invoices that do not count'
        as explanation
from receipts
left join positions on receipts.currency = positions.currency
left join paid on receipts.currency = paid.currency

union all

{{ stands_alone(
    'cash_to_paid', 'returned: refunds and lost disputes', 'positions', 'returned_minor',
    'received and given back: no revenue'
) }}

union all

{{ stands_alone(
    'cash_to_paid', 'beyond what is owed', 'positions', 'beyond_owed_minor',
    'over-payments, and receipts whose invoice was credited afterwards: no revenue until they are refunded or applied'
) }}

union all

{{ stands_alone(
    'cash_to_paid', 'payments without an invoice', 'receipts', 'unapplied_minor',
    'money not yet applied: apply it to an invoice in the billing system'
) }}

union all

select
    'cash_to_paid' as check_name,
    'payments on invoices that do not count' as scope,
    receipts.currency,
    cast(
        receipts.received_minor - coalesce(receipts.unapplied_minor, 0) - coalesce(positions.received_minor, 0) as bigint
    ) as left_minor,
    cast(0 as bigint) as right_minor,
    false as is_exact,
    'the invoice is void, or issued after the business clock' as explanation
from receipts
left join positions on receipts.currency = positions.currency
where receipts.received_minor - coalesce(receipts.unapplied_minor, 0) - coalesce(positions.received_minor, 0) <> 0
