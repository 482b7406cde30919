-- Payments and the invoice that they are applied to; one payment may be applied to several. Refused records are in refused_record.
select
    checked.payment_id,
    checked.invoice_id,
    checked.paid_at,
    checked.paid_date,
    checked.amount_minor,
    checked.currency,
    checked.status,
    {{ is_future('checked.paid_at') }} as is_future,
    checked.source,
    checked.record_key
from {{ ref('checked__payments') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
