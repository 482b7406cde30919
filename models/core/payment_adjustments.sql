-- Refunds, credit notes, dispute events and write-offs. Refused records are in refused_record.
select
    checked.adjustment_id,
    checked.kind,
    checked.payment_id,
    checked.invoice_id,
    checked.line_id,
    line_reference is not null and line_id is null as names_unknown_line,
    checked.occurred_at,
    checked.occurred_date,
    checked.amount_minor,
    checked.tax_amount_minor,
    checked.currency,
    {{ is_future('checked.occurred_at') }} as is_future,
    checked.source,
    checked.record_key
from {{ ref('checked__payment_adjustments') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
