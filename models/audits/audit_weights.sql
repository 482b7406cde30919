-- Under every method the weights of a deal's parties are exactly one (parts of 10^9).
with

weight as (
    select * from {{ ref('fct_attribution_weight') }}
),

sums as (
    select sum(columns(* exclude (deal_id, party_kind, party_id)))
    from weight
    group by deal_id
),

extremes as (
    select
        least(*columns(*)) as lowest,
        greatest(*columns(*)) as highest
    from sums
),

counted as (
    select
        count(*) as deal_count,
        count(*) filter (where lowest <> 1000000000 or highest <> 1000000000) as broken_count
    from extremes
)

select
    'weights' as name,
    'block' as level,
    broken_count = 0 as is_passed,
    deal_count || ' deals, ' || broken_count || ' whose weights are not one' as detail
from counted
