-- Leads, of partners and others. Refused records are in refused_record.
select
    checked.lead_id,
    checked.partner_id,
    checked.account_id,
    checked.account_method,
    checked.is_ambiguous,
    checked.email,
    checked.domain,
    checked.submitted_at,
    checked.submitted_at_upper,
    checked.status,
    checked.first_response_at,
    checked.deal_id,
    checked.owner,
    {{ is_future('checked.submitted_at') }} as is_future,
    checked.source,
    {{ native_id('lead_id') }} as record_key
from {{ ref('checked__leads') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
