-- Grain: partner lead submitted by as_of: how long it waited for a first sales response, or how old it is without one (domain.md 11).
with

leads as (
    select * from {{ ref('leads') }}
    where partner_id is not null and not is_future
),

setting as (
    select as_of from {{ source('config', 'setting') }}
),

answered as (
    select
        leads.*,
        setting.as_of,
        case when leads.first_response_at <= setting.as_of then leads.first_response_at end as response_at
    from leads
    cross join setting
)

select
    lead_id,
    partner_id,
    account_id,
    deal_id,
    owner,
    status,
    submitted_at,
    response_at as first_response_at,
    case
        when response_at is not null
            then greatest(0, (epoch_us(response_at) - epoch_us(submitted_at)) // 60000000)
    end as response_minutes,
    case
        when response_at is null and status in ('new', 'working')
            then (epoch_us(as_of) - epoch_us(submitted_at)) // 60000000
    end as waiting_minutes
from answered
