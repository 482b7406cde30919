{# Current record versions of `invoice_lines` as types; references stay native ids, amounts decimal text. #}
{% macro staged_invoice_lines(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_invoice_lines') | indent }}
)

select
    source,
    record_key,
    payload.line_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.line_id as line_id,
    payload.invoice_id as invoice_reference,
    payload.product as product,
    payload.amount as amount,
    payload.tax_amount as tax_amount,
    payload.list_amount as list_amount,
    payload.period_start::date as period_start,
    payload.period_end::date as period_end
from current_version
{% endmacro %}
