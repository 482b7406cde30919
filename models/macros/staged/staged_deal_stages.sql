{# Current record versions of `deal_stages` as types; references stay native ids, amounts decimal text. #}
{% macro staged_deal_stages(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_deal_stages') | indent }}
)

select
    source,
    record_key,
    payload.deal_id as record_id,
    record,
    sequence,
    load_id,
    payload.deal_id as deal_reference,
    payload.stage as stage,
    {{ instant('payload.entered_at') }} as entered_at
from current_version
{% endmacro %}
