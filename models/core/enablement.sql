-- Onboarding steps, trainings and content that partners took. Refused records are in refused_record.
select
    checked.event_id,
    checked.partner_id,
    checked.kind,
    checked.item,
    checked.occurred_at,
    checked.status,
    {{ is_future('checked.occurred_at') }} as is_future,
    checked.source,
    {{ native_id('event_id') }} as record_key
from {{ ref('checked__enablement') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
