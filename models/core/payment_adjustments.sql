-- Refunds, credit notes, dispute events and write-offs. Refused records are in refused_record.
select
    checked.adjustment_id,
    checked.kind,
    checked.payment_id,
    checked.invoice_id,
    checked.line_id,
    unknown_line is not null as names_unknown_line,
    checked.occurred_at,
    checked.occurred_date,
    checked.amount_minor,
    checked.tax_amount_minor,
    checked.currency,
    {{ is_future('checked.occurred_at') }} as is_future,
    checked.source,
    {{ native_id('adjustment_id') }} as record_key
from {{ ref('checked__payment_adjustments') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
