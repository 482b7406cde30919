-- Grain: deal. rule and evidence are null where no partner sourced it (domain.md 4).
with

deal_sourcing as (
    select * from {{ source('attribution', 'deal_sourcing') }}
)

select
    deal_id,
    partner_id,
    rule,
    evidence_id,
    evidence_at,
    cast(conflict_count as bigint) as conflict_count
from deal_sourcing
