-- Accounts; merged ones are aliases and not here. Refused records are in refused_record.
select
    account_id,
    name,
    domain,
    country,
    segment,
    created_at,
    source,
    {{ native_id('account_id') }} as record_key
from {{ ref('checked__accounts') }}
where refusal_reason is null
  and not is_merged
