-- Refused records are few: of what each source has given so far at most the configured share, and no stream is refused as a whole.
-- Waived ones do not count. A load of which nothing is left blocks as well, unless it is a smaller share of its stream than that.
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

-- A system and a file may send a part only: the last load alone says little.
known as (
{%- for connector, streams in staged_connectors().items() %}
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
    where state = 'open'
    group by source, stream
),

known_by_stream as (
    select source, stream, sum(known_count) as known_count
    from known
    group by source, stream
),

streams as (
    select
        freshness.source,
        freshness.stream,
        known_by_stream.known_count,
        coalesce(refused.refused_count, 0) as refused_count,
        refused.refused_count >= known_by_stream.known_count
        or (
            freshness.accepted + freshness.repeats = 0
            and freshness.quarantined > known_by_stream.known_count * setting.max_quarantine_share
        ) as is_lost
    from {{ ref('audit_freshness') }} as freshness
    cross join setting
    left join known_by_stream on freshness.source = known_by_stream.source and freshness.stream = known_by_stream.stream
    left join refused on freshness.source = refused.source and freshness.stream = refused.stream
),

sources as (
    select
        source,
        coalesce(sum(known_count), 0) as known_count,
        sum(refused_count) as refused_count,
        string_agg(stream, ', ' order by stream) filter (where is_lost) as lost_streams
    from streams
    group by source
)

select
    'quarantine_share ' || sources.source as name,
    'block' as level,
    sources.refused_count <= sources.known_count * setting.max_quarantine_share and sources.lost_streams is null as is_passed,
    sources.refused_count || ' of ' || sources.known_count || ' records refused'
    || coalesce('; nothing is left of ' || sources.lost_streams, '')
    || '; see `sourced quarantine list`' as detail
from sources
cross join setting
