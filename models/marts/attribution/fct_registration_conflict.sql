-- Grain: losing claim: deal, partner, rule and evidence, with the reason it lost (domain.md 4).
with

registration_conflict as (
    select * from {{ source('attribution', 'registration_conflict') }}
)

select
    deal_id,
    partner_id,
    evidence_id,
    rule,
    reason
from registration_conflict
