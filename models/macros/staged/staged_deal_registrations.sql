{# Current record versions of `deal_registrations` as types; references stay native ids, amounts decimal text. #}
{% macro staged_deal_registrations(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_deal_registrations') | indent }}
)

select
    source,
    record_key,
    payload.registration_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.registration_id as registration_id,
    payload.partner_id as partner_reference,
    payload.account_id as account_reference,
    {{ normalised_domain('payload.domain') }} as domain,
    payload.deal_id as deal_reference,
    {{ instant('payload.submitted_at') }} as submitted_at,
    {{ instant_upper('payload.submitted_at') }} as submitted_at_upper,
    {{ instant('payload.decided_at') }} as decided_at,
    {{ instant_upper('payload.decided_at') }} as decided_at_upper,
    payload.status as status,
    {{ instant('payload.protection_ends_at') }} as protection_ends_at,
    {{ instant_upper('payload.protection_ends_at') }} as protection_ends_at_upper
from current_version
{% endmacro %}
