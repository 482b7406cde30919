-- Stages that deals entered. Refused records are in refused_record.
select
    checked.deal_id,
    checked.stage,
    checked.entered_at,
    {{ is_future('checked.entered_at') }} as is_future,
    checked.source,
    checked.record_key
from {{ ref('checked__deal_stages') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
