-- Dated interactions eligible for credit. Refused records are in refused_record.
select
    checked.touchpoint_id,
    checked.occurred_at,
    checked.account_id,
    checked.contact_id,
    checked.deal_id,
    checked.channel,
    checked.partner_id,
    checked.kind,
    checked.campaign,
    {{ is_future('checked.occurred_at') }} as is_future,
    checked.source,
    {{ native_id('touchpoint_id') }} as record_key
from {{ ref('checked__touchpoints') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
