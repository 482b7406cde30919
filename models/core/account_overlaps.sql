-- Accounts of ours found in a partner's populations: a signal with credit 0. Refused records are in refused_record.
select
    checked.partner_id,
    checked.account_id,
    checked.is_ambiguous,
    checked.domain,
    checked.partner_population,
    checked.first_seen_at,
    {{ is_future('checked.first_seen_at') }} as is_future,
    checked.source,
    checked.record_key
from {{ ref('checked__account_overlaps') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
