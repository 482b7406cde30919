-- Records that no core table holds, with the reason: what they point at is unknown, or they contradict another record. Tried again in each run.
with refused as (
{%- for stream in canonical_streams() %}
    select source, '{{ stream }}' as stream, record_key, record_id, record, sequence, refusal_reason, refusal_detail
    from {{ ref('checked__' ~ stream) }}
    where refusal_reason is not null
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

payload as (
{%- for connector, streams in staged_connectors().items() %}
    {%- set connector_loop = loop %}
    {%- for stream in canonical_streams() if streams == 'every stream' or stream in streams %}
    select sequence, to_json(payload)::varchar as payload
    from {{ source('raw', connector ~ '_' ~ stream) }}
    where sequence in (select sequence from refused where stream = '{{ stream }}')
    {{ 'union all' if not (loop.last and connector_loop.last) }}
    {%- endfor %}
{%- endfor %}
)

select
    refused.source,
    refused.stream,
    refused.record_key,
    refused.record_id,
    refused.record,
    refused.refusal_reason as reason,
    refused.refusal_detail as detail,
    payload.payload
from refused
left join payload on payload.sequence = refused.sequence
