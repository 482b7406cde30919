-- Grain: deal and partner other than its sourcing partner with a touchpoint in the journey (domain.md 5).
with

deal_influence as (
    select * from {{ source('attribution', 'deal_influence') }}
)

select
    deal_id,
    partner_id,
    cast(touchpoint_count as bigint) as touchpoint_count,
    first_touch_at,
    last_touch_at
from deal_influence
