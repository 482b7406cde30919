{# Current record versions of `invoices` as types; references stay native ids, amounts decimal text. #}
{% macro staged_invoices(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_invoices') | indent }}
)

select
    source,
    record_key,
    payload.invoice_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.invoice_id as invoice_id,
    payload.customer_id as customer_reference,
    payload.deal_id as deal_reference,
    payload.subscription_id as subscription_reference,
    {{ instant('payload.issued_at') }} as issued_at,
    {{ instant('payload.due_at') }} as due_at,
    {{ instant('payload.voided_at') }} as voided_at,
    payload.status as status,
    payload.currency as currency
from current_version
{% endmacro %}
