-- Grain: source and stream: its last complete load, and its age at as_of (contract 6: the age of the load, never of records).
with

loads as (
    select * from {{ source('raw', 'load') }}
    where completed_at is not null and file_digest is not null -- a replay of quarantined records reads no source
),

sources as (
    select * from {{ source('config', 'source') }}
),

setting as (
    select
        as_of,
        max_load_age_hours
    from {{ source('config', 'setting') }}
),

latest as (
    select
        source,
        stream,
        max(completed_at) as last_load_at,
        arg_max(fetched, (completed_at, load_id)) as fetched,
        arg_max(accepted, (completed_at, load_id)) as accepted,
        arg_max(repeats, (completed_at, load_id)) as repeats,
        arg_max(quarantined, (completed_at, load_id)) as quarantined
    from loads
    group by source, stream
),

aged as (
    select
        latest.*,
        sources.block_on_stale,
        greatest(0, (epoch_us(setting.as_of) - epoch_us(latest.last_load_at)) / 3600000000) as age_hours,
        setting.max_load_age_hours as max_age_hours
    from latest
    inner join sources on latest.source = sources.source
    cross join setting
)

select
    source,
    stream,
    last_load_at,
    age_hours,
    max_age_hours,
    age_hours > max_age_hours as is_stale,
    block_on_stale,
    fetched,
    accepted,
    repeats,
    quarantined,
    source || ' ' || stream as name,
    case when block_on_stale then 'block' else 'warn' end as level,
    case when age_hours > max_age_hours then 'fail' else 'pass' end as status,
    format('{:.1f} h old, at most {:g} h are allowed', age_hours, max_age_hours) as detail
from aged
