{# Current record versions of `billing_customers` as types; references stay native ids, amounts decimal text. #}
{% macro staged_billing_customers(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_billing_customers') | indent }}
)

select
    source,
    record_key,
    payload.customer_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.customer_id as customer_id,
    payload.account_id as account_reference,
    payload.partner_id as partner_reference,
    payload.name as name,
    payload.email as email,
    {{ normalised_domain('payload.domain', 'payload.email') }} as domain,
    payload.country as country,
    {{ instant('payload.created_at') }} as created_at
from current_version
{% endmacro %}
