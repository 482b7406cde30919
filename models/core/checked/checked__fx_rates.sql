-- Exchange rates of all sources as exact fractions. The edge has refused rates that are not positive decimals.
with fx_rates as (
    {{ union_of_sources('fx_rates') | indent }}
)

select
    * exclude (record_id, record, load_id, provider),
    coalesce(provider, '') as provider,
    replace(rate, '.', '')::hugeint as rate_numerator,
    ('1' || repeat('0', {{ decimals('rate') }}))::hugeint as rate_denominator,
    null::varchar as refusal_reason,
    null::varchar as refusal_detail
from fx_rates
