-- No source stream is older than allowed, and every configured source has loaded. Blocks for sources in block_on_stale, warns
-- for the others. Grain: source.
with

sources as (
    select
        source,
        block_on_stale
    from {{ source('config', 'source') }}
),

freshness as (
    select * from {{ ref('audit_freshness') }}
),

counted as (
    select
        source,
        count(*) as stream_count,
        count(*) filter (where is_stale) as stale_count,
        arg_max(stream, age_hours) as oldest_stream,
        max(age_hours) as oldest_hours
    from freshness
    group by source
)

select
    'freshness ' || sources.source as name,
    case when sources.block_on_stale then 'block' else 'warn' end as level,
    coalesce(counted.stale_count = 0, false) as is_passed,
    coalesce(
        counted.stream_count || ' streams, ' || counted.stale_count || ' too old; the oldest is ' || counted.oldest_stream
        || ' with ' || cast(floor(counted.oldest_hours) as bigint) || ' h',
        'no stream was ever loaded'
    ) as detail,
    'audit_freshness' as reads
from sources
left join counted on sources.source = counted.source
