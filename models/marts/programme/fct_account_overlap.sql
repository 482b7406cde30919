-- Grain: partner, our population and theirs: distinct accounts that both sides know. A signal, never influence (domain.md 3, 11).
with

account_overlaps as (
    select * from {{ ref('account_overlaps') }}
    where account_id is not null and not is_future
),

deals as (
    select * from {{ ref('dim_deal') }}
),

populations as (
    select
        account_id,
        case
            when bool_or(state = 'won') then 'customer'
            when bool_or(state = 'open') then 'open_opportunity'
            else 'prospect'
        end as our_population
    from deals
    where account_id is not null
    group by account_id
)

select
    account_overlaps.partner_id,
    coalesce(populations.our_population, 'prospect') as our_population,
    account_overlaps.partner_population,
    count(distinct account_overlaps.account_id) as account_count
from account_overlaps
left join populations on account_overlaps.account_id = populations.account_id
group by account_overlaps.partner_id, coalesce(populations.our_population, 'prospect'), account_overlaps.partner_population
