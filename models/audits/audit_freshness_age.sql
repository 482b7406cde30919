-- No source stream is older than allowed. Blocks for sources in block_on_stale, warns for the others. Grain: source.
with

freshness as (
    select * from {{ ref('audit_freshness') }}
),

counted as (
    select
        source,
        bool_or(block_on_stale) as block_on_stale,
        count(*) as stream_count,
        count(*) filter (where is_stale) as stale_count,
        arg_max(stream, age_hours) as oldest_stream,
        max(age_hours) as oldest_hours
    from freshness
    group by source
)

select
    'freshness ' || source as name,
    case when block_on_stale then 'block' else 'warn' end as level,
    stale_count = 0 as is_passed,
    stream_count || ' streams, ' || stale_count || ' too old; the oldest is ' || oldest_stream
    || ' with ' || cast(floor(oldest_hours) as bigint) || ' h' as detail
from counted
