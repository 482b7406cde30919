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

fetched as (
    select
        source,
        stream,
        fetched as fetched_count
    from {{ ref('audit_freshness') }}
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
