{# Current record versions of `deals` as types; references stay native ids, amounts decimal text. #}
{% macro staged_deals(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_deals') | indent }}
)

select
    source,
    record_key,
    payload.deal_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.deal_id as deal_id,
    payload.account_id as account_reference,
    payload.name as name,
    {{ instant('payload.created_at') }} as created_at,
    {{ instant_upper('payload.created_at') }} as created_at_upper,
    {{ instant('payload.lead_created_at') }} as lead_created_at,
    {{ instant_upper('payload.lead_created_at') }} as lead_created_at_upper,
    payload.stage as stage,
    {{ instant('payload.closed_at') }} as closed_at,
    {{ instant_upper('payload.closed_at') }} as closed_at_upper,
    payload.is_closed::boolean as is_closed,
    payload.is_won::boolean as is_won,
    payload.amount as amount,
    payload.currency as currency,
    payload.owner as owner,
    payload.source_partner_id as source_partner_reference,
    payload.reseller_partner_id as reseller_partner_reference,
    payload.product as product,
    payload.kind as kind,
    payload.merged_into as merged_into_reference
from current_version
{% endmacro %}
