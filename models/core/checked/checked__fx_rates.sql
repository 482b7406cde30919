-- Exchange rates of all sources as exact fractions. The edge has refused rates that are not positive decimals.
with fx_rates as (
    {{ union_of_sources('fx_rates') | indent }}
),

checked as (
    select
        * exclude (record_id, record, load_id, provider),
        coalesce(provider, '') as provider,
        try_cast(replace(rate, '.', '') as hugeint) as rate_numerator,
        try_cast('1' || repeat('0', {{ decimals('rate') }}) as hugeint) as rate_denominator,
        {{ refusal_columns([["length(rate) > 39", 'bad_rate', "'more than 38 digits'"]]) | indent(8) }}
    from fx_rates
)

select * from checked
