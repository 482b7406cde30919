-- Grain: deal registration submitted by as_of, as the source states it.
with

registrations as (
    select * from {{ ref('deal_registrations') }}
)

select
    registration_id,
    partner_id,
    account_id,
    domain,
    deal_id,
    status,
    submitted_at,
    decided_at,
    protection_ends_at
from registrations
where not is_future
