-- Refused records are few: of each source at most the configured share, and no stream is refused as a whole. Waived ones do not count.
with

setting as (
    select max_quarantine_share from {{ source('config', 'setting') }}
),

refused as (
    select
        source,
        stream,
        count(*) as refused_count
    from {{ ref('audit_quarantine') }}
    where state <> 'waived'
    group by source, stream
),

-- The last load of a system that is read in parts says little: what counts is what it has given so far. A file is read whole.
known as (
{%- for connector, streams in staged_connectors().items() if connector != 'files' %}
{%- for stream in streams %}
    select
        source,
        '{{ stream }}' as stream,
        count(*) as known_count
    from {{ ref('stg_' ~ connector ~ '__' ~ stream) }}
    group by source
    union all
{%- endfor %}
{%- endfor %}
    select
        source,
        stream,
        count(*) as known_count
    from {{ source('raw', 'quarantine') }}
    where connector <> 'files' and state = 'open'
    group by source, stream
),

known_by_stream as (
    select source, stream, sum(known_count) as known_count
    from known
    group by source, stream
),

fetched as (
    select
        freshness.source,
        freshness.stream,
        coalesce(known_by_stream.known_count, freshness.fetched) as fetched_count
    from {{ ref('audit_freshness') }} as freshness
    left join known_by_stream on freshness.source = known_by_stream.source and freshness.stream = known_by_stream.stream
),

streams as (
    select
        fetched.source,
        fetched.stream,
        fetched.fetched_count,
        coalesce(refused.refused_count, 0) as refused_count
    from fetched
    left join refused on fetched.source = refused.source and fetched.stream = refused.stream
),

sources as (
    select
        source,
        sum(fetched_count) as fetched_count,
        sum(refused_count) as refused_count,
        string_agg(stream, ', ' order by stream) filter (where refused_count > 0 and refused_count >= fetched_count) as lost_streams
    from streams
    group by source
)

select
    'quarantine_share ' || sources.source as name,
    'block' as level,
    sources.refused_count <= sources.fetched_count * setting.max_quarantine_share and sources.lost_streams is null as is_passed,
    sources.refused_count || ' of ' || sources.fetched_count || ' records refused'
    || coalesce('; nothing is left of ' || sources.lost_streams, '')
    || '; see `sourced quarantine list`' as detail
from sources
cross join setting
