{# Current record versions of `deal_contacts` as types; references stay native ids, amounts decimal text. #}
{% macro staged_deal_contacts(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_deal_contacts') | indent }}
)

select
    source,
    record_key,
    payload.deal_id as record_id,
    record,
    sequence,
    load_id,
    payload.deal_id as deal_reference,
    payload.contact_id as contact_reference,
    payload.role as role,
    payload.is_primary::boolean as is_primary
from current_version
{% endmacro %}
