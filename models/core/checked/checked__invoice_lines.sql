-- Invoice lines with their invoice found and amounts in minor units of its currency, or the reason why not.
with invoice_lines as (
    {{ union_of_sources('invoice_lines') | indent }}
),

checked as (
    select
        invoice_lines.* exclude (record_key, record_id, record, load_id, invoice_reference, amount, tax_amount, list_amount),
        invoice.invoice_id,
        invoice.currency,
        {{ minor_units('invoice_lines.amount', 'currency.exponent') }} as amount_minor,
        {{ minor_units("coalesce(invoice_lines.tax_amount, '0')", 'currency.exponent') }} as tax_amount_minor,
        {{ minor_units('invoice_lines.list_amount', 'currency.exponent') }} as list_amount_minor,
        {{ refusal_columns([
            unknown('invoice', 'invoice_lines.invoice_reference', 'invoice.invoice_id'),
            [amount_has_too_many_decimals(['invoice_lines.amount', 'invoice_lines.tax_amount', 'invoice_lines.list_amount']), 'too_many_decimals',
                "concat_ws(' ', invoice_lines.amount, invoice_lines.tax_amount, invoice_lines.list_amount, invoice.currency)"],
            [amount_is_too_long(['invoice_lines.amount', 'invoice_lines.tax_amount', 'invoice_lines.list_amount']), 'amount_too_long',
                "concat_ws(' ', invoice_lines.amount, invoice_lines.tax_amount, invoice_lines.list_amount, invoice.currency)"],
        ]) | indent(8) }}
    from invoice_lines
    left join {{ ref('invoice_reference') }} as invoice
        on invoice.source = invoice_lines.source and invoice.reference = invoice_lines.invoice_reference
    left join {{ source('config', 'currency') }} as currency on currency.currency = invoice.currency
)

select * from checked
