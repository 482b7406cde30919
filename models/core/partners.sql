-- Partners. Refused records are in refused_record.
select
    partner_id,
    name,
    motion,
    tier,
    status,
    joined_at,
    ended_at,
    ended_at_upper,
    domain,
    country,
    currency,
    manager,
    source,
    {{ native_id('partner_id') }} as record_key
from {{ ref('checked__partners') }}
where refusal_reason is null
