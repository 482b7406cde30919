{# Current record versions of `payment_adjustments` as types; references stay native ids, amounts decimal text. #}
{% macro staged_payment_adjustments(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_payment_adjustments') | indent }}
)

select
    source,
    record_key,
    payload.adjustment_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.adjustment_id as adjustment_id,
    payload.kind as kind,
    payload.payment_id as payment_reference,
    payload.invoice_id as invoice_reference,
    payload.line_id as line_reference,
    {{ instant('payload.occurred_at') }} as occurred_at,
    payload.amount as amount,
    payload.tax_amount as tax_amount,
    payload.currency as currency
from current_version
{% endmacro %}
