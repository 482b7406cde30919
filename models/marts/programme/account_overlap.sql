-- Grain: partner, account and the partner's population of it: accounts that both sides know, with ours beside theirs.
{{ config(materialized='ephemeral') }}
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

select distinct
    account_overlaps.partner_id,
    account_overlaps.account_id,
    coalesce(populations.our_population, 'prospect') as our_population,
    account_overlaps.partner_population
from account_overlaps
left join populations on account_overlaps.account_id = populations.account_id
