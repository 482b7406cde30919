-- Deal registrations of partners. Refused records are in refused_record.
select
    checked.registration_id,
    checked.partner_id,
    checked.account_id,
    checked.account_method,
    checked.is_ambiguous,
    checked.domain,
    checked.deal_id,
    checked.submitted_at,
    checked.submitted_at_upper,
    checked.decided_at,
    checked.decided_at_upper,
    checked.status,
    checked.protection_ends_at,
    checked.protection_ends_at_upper,
    {{ is_future('checked.submitted_at') }} as is_future,
    checked.source,
    {{ native_id('registration_id') }} as record_key
from {{ ref('checked__deal_registrations') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
