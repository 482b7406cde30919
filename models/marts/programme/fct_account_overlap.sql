-- Grain: partner, our population and theirs: distinct accounts that both sides know. A signal, never influence (domain.md 3, 11).
with

account_overlap as (
    select * from {{ ref('account_overlap') }}
)

select
    partner_id,
    our_population,
    partner_population,
    count(distinct account_id) as account_count
from account_overlap
group by partner_id, our_population, partner_population
