-- Grain: stream, record, reason and currency: what a person should look at, with the money at stake and the next action.
-- at_stake_minor is that money in the reporting currency at the latest rate; null without one. since_at: since when it is so.
with

exceptions as (
    select * from {{ ref('exception') }}
    union all by name
    select * from {{ ref('exception_of_money') }}
    union all by name
    select * from {{ ref('exception_of_commission') }}
),

rates as (
    select * from {{ ref('reporting_rate') }}
)

select
    exceptions.kind,
    exceptions.stream,
    exceptions.record_id,
    exceptions.reason,
    exceptions.detail,
    exceptions.amount_minor,
    exceptions.currency,
    exceptions.next_action,
    exceptions.since_at,
    try_cast(try(abs(exceptions.amount_minor) * rates.numerator // rates.denominator) as bigint) as at_stake_minor
from exceptions
left join rates on exceptions.currency = rates.currency
