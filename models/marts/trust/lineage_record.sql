-- Grain: record behind a figure: its present version as the source sent it. Edges lead here from figures (lineage_edge).
with

loads as (
    select
        load_id,
        file,
        completed_at
    from {{ source('raw', 'load') }}
),

versions as (
{%- for stream in money_streams() %}
    {%- set stream_loop = loop %}
    {%- for connector in connectors_of(stream) %}
    select
        '{{ stream }}' as stream,
        source,
        record_key,
        load_id,
        record,
        cast(to_json(payload) as varchar) as payload
    from (
        {{ current_versions(connector ~ '_' ~ stream) | indent(8) }}
    ) as version
    {{ 'union all' if not (loop.last and stream_loop.last) }}
    {%- endfor %}
{%- endfor %}
)

select
    {{ "versions.stream || '/' || versions.source || ':' || versions.record_key" }} as record_key,
    md5(versions.payload) as version_hash,
    versions.source,
    versions.stream,
    versions.load_id,
    loads.file,
    versions.record,
    loads.completed_at as loaded_at,
    versions.payload
from versions
left join loads on versions.load_id = loads.load_id
