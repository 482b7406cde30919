-- Grain: one row per deal that exists at `as_of`, as the job reads it: dense integers, instants in microseconds.
-- A date is its local day: `*_us` its first microsecond, `*_upper_us` its last (fine-print 3).
-- An unknown instant is the lowest BIGINT; an unknown index is -1: a streamed column holds no NULL.
with

deals as (
    select * from {{ ref('deals') }}
),

accounts as (
    select * from {{ ref('accounts') }}
),

parties as (
    select * from {{ ref('party') }}
    where party_kind = 'partner'
),

setting as (
    select * from {{ source('config', 'setting') }}
),

account_numbers as (
    select
        account_id,
        row_number() over (order by account_id) - 1 as account_index
    from accounts
),

present as (
    select
        deals.*,
        setting.as_of
    from deals
    cross join setting
    where deals.created_at is null or deals.created_at <= setting.as_of
),

numbered as (
    select
        cast(row_number() over (order by present.deal_id) - 1 as integer) as deal_index,
        present.deal_id,
        present.account_id,
        cast(coalesce(account_numbers.account_index, -1) as integer) as account_index,
        coalesce(epoch_us(present.created_at), {{ missing_instant() }}) as created_us,
        coalesce(epoch_us(present.created_at_upper), {{ missing_instant() }}) as created_upper_us,
        cast(coalesce(present.created_date - date '1970-01-01', -1) as integer) as created_day,
        coalesce(epoch_us(present.lead_created_at_upper), {{ missing_instant() }}) as lead_created_upper_us,
        present.is_closed,
        cast(present.is_closed and present.is_won as integer) as is_won,
        case when present.is_closed then epoch_us(present.closed_at) else epoch_us(present.as_of) end as closed_us,
        case
            when present.is_closed then least(epoch_us(present.closed_at_upper), epoch_us(present.as_of))
            else epoch_us(present.as_of)
        end as closed_upper_us,
        cast(
            case when present.is_closed then coalesce(present.closed_date - date '1970-01-01', -1) else -1 end as integer
        ) as closed_day,
        cast(coalesce(parties.party_index, -1) as integer) as source_party_index,
        cast(coalesce(resellers.party_index, -1) as integer) as reseller_party_index,
        coalesce(epoch_us(present.source_partner_observed_at), {{ missing_instant() }}) as source_observed_us
    from present
    left join account_numbers on present.account_id = account_numbers.account_id
    left join parties on present.source_partner_id = parties.party_id
    left join parties as resellers on present.reseller_partner_id = resellers.party_id
)

select * from numbered
order by deal_index
