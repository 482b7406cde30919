{# Current record versions of `partners` as types; references stay native ids, amounts decimal text. #}
{% macro staged_partners(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_partners') | indent }}
)

select
    source,
    record_key,
    payload.partner_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.partner_id as partner_id,
    payload.name as name,
    payload.motion as motion,
    payload.tier as tier,
    payload.status as status,
    {{ instant('payload.joined_at') }} as joined_at,
    {{ instant('payload.ended_at') }} as ended_at,
    {{ instant_upper('payload.ended_at') }} as ended_at_upper,
    {{ normalised_domain('payload.domain') }} as domain,
    payload.country as country,
    payload.currency as currency,
    payload.manager as manager
from current_version
{% endmacro %}
