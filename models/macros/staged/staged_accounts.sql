{# Current record versions of `accounts` as types; references stay native ids, amounts decimal text. #}
{% macro staged_accounts(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_accounts') | indent }}
)

select
    source,
    record_key,
    payload.account_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.account_id as account_id,
    payload.name as name,
    {{ normalised_domain('payload.domain') }} as domain,
    payload.country as country,
    payload.segment as segment,
    {{ instant('payload.created_at') }} as created_at,
    payload.merged_into as merged_into_reference
from current_version
{% endmacro %}
