-- Contacts of deals. After merges a pair may stand twice. Refused records are in refused_record.
select
    deal_id,
    contact_id,
    role,
    is_primary,
    source,
    record_key
from {{ ref('checked__deal_contacts') }}
where refusal_reason is null
