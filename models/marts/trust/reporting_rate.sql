-- Grain: currency: the latest conversion that the run used, for what a list of work shows as money at stake. Never for a figure.
{{ config(materialized='ephemeral') }}
with

conversions as (
    select * from {{ source('attribution', 'fx_conversion') }}
),

currencies as (
    select * from {{ source('config', 'currency') }}
),

latest as (
    select
        from_currency as currency,
        min(to_currency) as to_currency,
        arg_max(rate_numerator, (coalesce(rate_date, date '9999-12-31'), fx_index)) as rate_numerator,
        arg_max(rate_denominator, (coalesce(rate_date, date '9999-12-31'), fx_index)) as rate_denominator
    from conversions
    group by from_currency
)

select
    latest.currency,
    try_cast(latest.rate_numerator || repeat('0', greatest(target.exponent - origin.exponent, 0)) as hugeint) as numerator,
    try_cast(latest.rate_denominator || repeat('0', greatest(origin.exponent - target.exponent, 0)) as hugeint) as denominator
from latest
inner join currencies as origin on latest.currency = origin.currency
inner join currencies as target on latest.to_currency = target.currency
