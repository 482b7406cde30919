-- Exchange rates for the job. One row a day, ordered pair and provider (blank where the source names none).
with

rates as (

    select * from {{ ref('fx_rates') }}

)

select
    cast(rate_date - date '1970-01-01' as integer) as rate_day,
    base_currency,
    quote_currency,
    coalesce(provider, '') as provider,
    cast(rate as varchar) as rate
from rates
