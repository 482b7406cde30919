{# Current record versions of `payments` as types; references stay native ids, amounts decimal text. #}
{% macro staged_payments(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_payments') | indent }}
)

select
    source,
    record_key,
    payload.payment_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.payment_id as payment_id,
    payload.invoice_id as invoice_reference,
    {{ instant('payload.paid_at') }} as paid_at,
    payload.amount as amount,
    payload.currency as currency,
    payload.status as status
from current_version
{% endmacro %}
