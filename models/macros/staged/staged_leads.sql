{# Current record versions of `leads` as types; references stay native ids, amounts decimal text. #}
{% macro staged_leads(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_leads') | indent }}
)

select
    source,
    record_key,
    payload.lead_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.lead_id as lead_id,
    payload.partner_id as partner_reference,
    payload.account_id as account_reference,
    payload.email as email,
    {{ normalised_domain('payload.domain', 'payload.email') }} as domain,
    {{ instant('payload.submitted_at') }} as submitted_at,
    {{ instant_upper('payload.submitted_at') }} as submitted_at_upper,
    payload.status as status,
    {{ instant('payload.first_response_at') }} as first_response_at,
    payload.deal_id as deal_reference,
    payload.owner as owner
from current_version
{% endmacro %}
