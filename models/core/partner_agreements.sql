-- Agreements that bind partner and plan. Refused records are in refused_record.
select
    agreement_id,
    partner_id,
    plan,
    starts_on,
    ends_on,
    source,
    {{ native_id('agreement_id') }} as record_key
from {{ ref('checked__partner_agreements') }}
where refusal_reason is null
