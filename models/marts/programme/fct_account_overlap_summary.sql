-- Grain: our population and theirs, over all partners: an account that several partners know counts once (domain.md 11).
with

account_overlap as (
    select * from {{ ref('account_overlap') }}
)

select
    our_population,
    partner_population,
    count(distinct account_id) as account_count,
    count(distinct partner_id) as partner_count
from account_overlap
group by our_population, partner_population
