-- Payouts made to partners. Refused records are in refused_record.
select
    checked.payout_id,
    checked.partner_id,
    checked.statement_id,
    checked.paid_at,
    checked.paid_date,
    checked.amount_minor,
    checked.currency,
    {{ is_future('checked.paid_at') }} as is_future,
    checked.source,
    {{ native_id('payout_id') }} as record_key
from {{ ref('checked__payouts') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
