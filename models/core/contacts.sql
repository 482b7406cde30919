-- Contacts; merged ones are aliases and not here. Refused records are in refused_record.
select
    contact_id,
    account_id,
    email,
    created_at,
    source,
    {{ native_id('contact_id') }} as record_key
from {{ ref('checked__contacts') }}
where refusal_reason is null
  and not is_merged
