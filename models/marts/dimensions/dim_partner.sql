-- Grain: partner.
with

partners as (
    select * from {{ ref('partners') }}
)

select
    partner_id,
    name,
    motion,
    tier,
    status,
    domain,
    country,
    currency,
    manager,
    joined_at,
    ended_at
from partners
