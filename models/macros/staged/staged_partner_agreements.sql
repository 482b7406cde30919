{# Current record versions of `partner_agreements` as types; references stay native ids, amounts decimal text. #}
{% macro staged_partner_agreements(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_partner_agreements') | indent }}
)

select
    source,
    record_key,
    payload.agreement_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.agreement_id as agreement_id,
    payload.partner_id as partner_reference,
    payload.plan as plan,
    payload.starts_on::date as starts_on,
    payload.ends_on::date as ends_on
from current_version
{% endmacro %}
