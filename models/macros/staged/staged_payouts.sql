{# Current record versions of `payouts` as types; references stay native ids, amounts decimal text. #}
{% macro staged_payouts(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_payouts') | indent }}
)

select
    source,
    record_key,
    payload.payout_id as record_id,
    record,
    sequence,
    load_id,
    source || ':' || payload.payout_id as payout_id,
    payload.partner_id as partner_reference,
    payload.statement_id as statement_id,
    {{ instant('payload.paid_at') }} as paid_at,
    payload.amount as amount,
    payload.currency as currency
from current_version
{% endmacro %}
