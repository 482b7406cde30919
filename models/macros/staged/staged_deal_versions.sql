{# Every known version of a deal with its partner field, for the first observation of a value (fine-print 12). #}
{% macro staged_deal_versions(connector) %}
select
    source,
    record_key,
    sequence,
    load_id,
    source_time,
    payload.source_partner_id as source_partner_reference
from {{ source('raw', connector ~ '_deals') }}
where not is_deleted
{% endmacro %}
