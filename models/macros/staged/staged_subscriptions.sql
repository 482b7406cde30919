{# Current record versions of `subscriptions` as types; references stay native ids, amounts decimal text. #}
{% macro staged_subscriptions(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_subscriptions') | indent }}
)

select
    source,
    record_key,
    payload.subscription_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.subscription_id as subscription_id,
    payload.customer_id as customer_reference,
    payload.deal_id as deal_reference,
    {{ instant('payload.started_at') }} as started_at,
    {{ instant('payload.cancelled_at') }} as cancelled_at,
    payload.mrr_amount as mrr_amount,
    payload.currency as currency,
    payload.status as status
from current_version
{% endmacro %}
