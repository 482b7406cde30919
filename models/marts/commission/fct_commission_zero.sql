-- Grain: deal, partner and role: a partner of a won deal that earns nothing, with the reason (domain.md 8).
select
    deal_id,
    partner_id,
    role,
    reason
from {{ source('attribution', 'commission_zero_reason') }}
