{# Current record versions of `enablement` as types; references stay native ids, amounts decimal text. #}
{% macro staged_enablement(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_enablement') | indent }}
)

select
    source,
    record_key,
    payload.event_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.event_id as event_id,
    payload.partner_id as partner_reference,
    payload.kind as kind,
    payload.item as item,
    {{ instant('payload.occurred_at') }} as occurred_at,
    payload.status as status
from current_version
{% endmacro %}
