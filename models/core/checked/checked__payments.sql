-- Payments with their invoice found, in its currency, or the reason why not. Money not applied to an invoice yet is kept.
with payments as (
    {{ union_of_sources('payments') | indent }}
),

-- before the joins: there the time zone is one constant, behind them it is read anew for each row
dated as (
    select
        payments.*,
        {{ local_date('payments.paid_at') }} as paid_date
    from payments
    cross join {{ source('config', 'setting') }} as setting
),

checked as (
    select
        payments.* exclude (record, load_id, invoice_reference, amount),
        invoice.invoice_id,
        {{ minor_units('payments.amount', 'currency.exponent') }} as amount_minor,
        {{ refusal_columns([
            unknown('invoice', 'payments.invoice_reference', 'invoice.invoice_id'),
            ['invoice.currency <> payments.currency', 'currency_mismatch',
                "'paid in ' || payments.currency || ', invoiced in ' || invoice.currency"],
            [amount_is_too_long(['payments.amount']), 'amount_too_long', 'payments.amount'],
        ]) | indent(8) }}
    from dated as payments
    left join {{ source('config', 'currency') }} as currency on currency.currency = payments.currency
    left join {{ ref('invoice_reference') }} as invoice
        on invoice.source = payments.source and invoice.reference = payments.invoice_reference
)

select * from checked
