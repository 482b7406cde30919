-- Records that no core table holds, with the reason: what they point at is unknown, or they contradict another record. Tried again in each run.
with refused as (
{%- for stream in canonical_streams() %}
    select '{{ stream }}' as stream, sequence, refusal_reason, refusal_detail
    from {{ ref('checked__' ~ stream) }}
    where refusal_reason is not null
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

version as (
{%- for stream in canonical_streams() %}
    {%- set stream_loop = loop %}
    {%- for connector in connectors_of(stream) %}
    select sequence, source, record_key, {{ record_id(connector) }} as record_id, record, to_json(payload)::varchar as payload
    from {{ source('raw', connector ~ '_' ~ stream) }}
    where sequence in (select sequence from refused where stream = '{{ stream }}')
    {{ 'union all' if not (loop.last and stream_loop.last) }}
    {%- endfor %}
{%- endfor %}
)

select
    version.source,
    refused.stream,
    version.record_key,
    version.record_id,
    version.record,
    refused.refusal_reason as reason,
    refused.refusal_detail as detail,
    version.payload
from refused
inner join version on version.sequence = refused.sequence
