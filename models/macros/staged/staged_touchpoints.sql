{# Current record versions of `touchpoints` as types; references stay native ids, amounts decimal text. #}
{% macro staged_touchpoints(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_touchpoints') | indent }}
)

select
    source,
    record_key,
    payload.touchpoint_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.touchpoint_id as touchpoint_id,
    {{ instant('payload.occurred_at') }} as occurred_at,
    payload.account_id as account_reference,
    payload.contact_id as contact_reference,
    payload.deal_id as deal_reference,
    payload.channel as channel,
    payload.partner_id as partner_reference,
    payload.kind as kind,
    payload.campaign as campaign
from current_version
{% endmacro %}
