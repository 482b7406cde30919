-- Refunds, credit notes, disputes and write-offs with what they adjust, or the reason why not (fine-print 20).
-- Where only a payment is named, its invoice is the adjustment's, unless the payment is applied to several.
with payment_adjustments as (
    {{ union_of_sources('payment_adjustments') | indent }}
),

adjusted_payment as (
    select source, record_id, payment_id, invoice_id, amount_minor, currency
    from {{ ref('checked__payments') }}
    where refusal_reason is null
      and (record_id in (select payment_reference from payment_adjustments) or payment_id in (select payment_reference from payment_adjustments))
),

payment_reference as (
    {{ references_to('select distinct source, record_id, payment_id from adjusted_payment', ['payment_id']) | indent }}
),

payment as (
    select
        payment_id,
        min(currency) as currency,
        sum(amount_minor) as amount_minor,
        case when count(*) = 1 then any_value(invoice_id) end as invoice_id
    from adjusted_payment
    group by payment_id
),

adjusted_line as (
    select source, {{ native_id('line_id') }} as record_id, line_id, invoice_id
    from {{ ref('checked__invoice_lines') }}
    where refusal_reason is null
      and ({{ native_id('line_id') }} in (select line_reference from payment_adjustments) or line_id in (select line_reference from payment_adjustments))
),

line_reference as (
    {{ references_to('select source, record_id, line_id, invoice_id from adjusted_line', ['line_id', 'invoice_id']) | indent }}
),

priced as (
    select
        payment_adjustments.* exclude (record_key, record_id, record, load_id),
        {{ local_date('payment_adjustments.occurred_at') }} as occurred_date,
        {{ minor_units('payment_adjustments.amount', 'currency.exponent') }} as amount_minor,
        {{ minor_units('payment_adjustments.tax_amount', 'currency.exponent') }} as tax_amount_minor
    from payment_adjustments
    cross join {{ source('config', 'setting') }} as setting
    left join {{ source('config', 'currency') }} as currency on currency.currency = payment_adjustments.currency
),

resolved as (
    select
        priced.*,
        payment_reference.payment_id,
        invoice_reference.invoice_id as named_invoice_id,
        invoice_reference.currency as invoice_currency,
        line_reference.line_id,
        line_reference.invoice_id as line_invoice_id
    from priced
    left join payment_reference
        on payment_reference.source = priced.source and payment_reference.reference = priced.payment_reference
    left join {{ ref('invoice_reference') }} as invoice_reference
        on invoice_reference.source = priced.source and invoice_reference.reference = priced.invoice_reference
    left join line_reference
        on line_reference.source = priced.source and line_reference.reference = priced.line_reference
),

received as (
    select invoice_id, sum(amount_minor) as amount_minor
    from {{ ref('checked__payments') }}
    where refusal_reason is null
      and status = 'succeeded'
      and invoice_id in (select named_invoice_id from resolved where payment_id is null)
    group by invoice_id
),

checked as (
    select
        resolved.* exclude (payment_reference, invoice_reference, line_reference, named_invoice_id, invoice_currency, line_invoice_id, amount, tax_amount),
        case when resolved.line_id is null then resolved.line_reference end as unknown_line,
        coalesce(resolved.named_invoice_id, payment.invoice_id) as invoice_id,
        {{ refusal_columns([
            ['resolved.payment_reference is null and resolved.invoice_reference is null', 'no_target', "'names neither payment nor invoice'"],
            unknown('payment', 'resolved.payment_reference', 'resolved.payment_id'),
            unknown('invoice', 'resolved.invoice_reference', 'resolved.named_invoice_id'),
            ['resolved.payment_id is not null and resolved.named_invoice_id is not null and application.payment_id is null', 'ids_disagree',
                "'payment ' || resolved.payment_reference || ' is not on invoice ' || resolved.invoice_reference"],
            ['resolved.line_invoice_id <> coalesce(resolved.named_invoice_id, payment.invoice_id)', 'ids_disagree',
                "'line ' || resolved.line_reference || ' is on another invoice'"],
            ['resolved.currency <> coalesce(payment.currency, resolved.invoice_currency)', 'currency_mismatch',
                "'adjusts ' || coalesce(payment.currency, resolved.invoice_currency) || ' in ' || resolved.currency"],
            ['resolved.amount_minor is null or (resolved.tax_amount is not null and resolved.tax_amount_minor is null)', 'amount_too_long', 'resolved.amount'],
            ["resolved.kind = 'refund' and resolved.amount_minor > coalesce(application.amount_minor, payment.amount_minor, received.amount_minor, 0)", 'refund_above_charge',
                "'refunds ' || resolved.amount_minor || ' of ' || coalesce(application.amount_minor, payment.amount_minor, received.amount_minor, 0) || ' minor units'"],
        ]) | indent(8) }}
    from resolved
    left join payment on payment.payment_id = resolved.payment_id
    left join adjusted_payment as application
        on application.payment_id = resolved.payment_id and application.invoice_id = resolved.named_invoice_id
    left join received on received.invoice_id = case when resolved.payment_id is null then resolved.named_invoice_id end
)

select * from checked
