{# Current record versions of `fx_rates` as types; references stay native ids, amounts decimal text. #}
{% macro staged_fx_rates(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_fx_rates') | indent }}
)

select
    source,
    record_key,
    payload.rate_date as record_id,
    record,
    sequence,
    load_id,
    payload.rate_date::date as rate_date,
    payload.base_currency as base_currency,
    payload.quote_currency as quote_currency,
    payload.rate as rate,
    payload.provider as provider
from current_version
{% endmacro %}
