-- Exchange rates for the job. One row a day, ordered pair and provider (blank where the source names none); of two sources
-- that name one provider the first configured one decides.
with

rates as (

    select * from {{ ref('fx_rates') }}

),

sources as (

    select
        source,
        position
    from {{ source('config', 'source') }}

),

ranked as (

    select
        cast(rates.rate_date - date '1970-01-01' as integer) as rate_day,
        rates.base_currency,
        rates.quote_currency,
        coalesce(rates.provider, '') as provider,
        rates.rate,
        row_number() over (
            partition by rates.rate_date, rates.base_currency, rates.quote_currency, coalesce(rates.provider, '')
            order by sources.position
        ) as source_rank
    from rates
    inner join sources on rates.source = sources.source

)

select
    rate_day,
    base_currency,
    quote_currency,
    provider,
    rate
from ranked
where source_rank = 1
