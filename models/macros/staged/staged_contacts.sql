{# Current record versions of `contacts` as types; references stay native ids, amounts decimal text. #}
{% macro staged_contacts(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_contacts') | indent }}
)

select
    source,
    record_key,
    payload.contact_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.contact_id as contact_id,
    payload.account_id as account_reference,
    payload.email as email,
    {{ instant('payload.created_at') }} as created_at,
    payload.merged_into as merged_into_reference
from current_version
{% endmacro %}
