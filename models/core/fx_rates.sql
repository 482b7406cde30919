-- Exchange rates: quote currency per unit of base currency, as text and as an exact fraction. Refused records are in refused_record.
select
    rate_date,
    base_currency,
    quote_currency,
    provider,
    rate,
    rate_numerator,
    rate_denominator,
    source,
    record_key
from {{ ref('checked__fx_rates') }}
where refusal_reason is null
