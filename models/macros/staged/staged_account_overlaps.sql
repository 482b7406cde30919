{# Current record versions of `account_overlaps` as types; references stay native ids, amounts decimal text. #}
{% macro staged_account_overlaps(connector) %}
with current_version as (
    {{ current_versions(connector ~ '_account_overlaps') | indent }}
)

select
    source,
    record_key,
    payload.partner_id as record_id,
    record,
    sequence,
    load_id,
    payload.partner_id as partner_reference,
    payload.account_id as account_reference,
    {{ normalised_domain('payload.domain') }} as domain,
    payload.partner_population as partner_population,
    {{ instant('payload.first_seen_at') }} as first_seen_at
from current_version
{% endmacro %}
