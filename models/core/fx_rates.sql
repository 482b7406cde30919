-- Exchange rates: quote currency per unit of base currency, as text and as an exact fraction. Refused records are in refused_record.
-- Where two sources give the rate of one provider and day, the source that sourced.yaml names first has it.
select
    checked.rate_date,
    checked.base_currency,
    checked.quote_currency,
    checked.provider,
    checked.rate,
    checked.rate_numerator,
    checked.rate_denominator,
    checked.source,
    checked.record_key
from {{ ref('checked__fx_rates') }} as checked
inner join {{ source('config', 'source') }} as config_source on config_source.source = checked.source
where checked.refusal_reason is null
qualify row_number() over (
    partition by checked.rate_date, checked.base_currency, checked.quote_currency, checked.provider
    order by config_source.position
) = 1
