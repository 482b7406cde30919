-- What changed in the shape of an API's records within a week: fields that appeared, fields of another type. Nothing is lost by it, but
-- somebody should look whether a number depends on it. Grain: source that is read by its API.
with

setting as (
    select as_of from {{ source('config', 'setting') }}
),

sources as (
    select source from {{ source('config', 'source') }}
    where source in (select source from {{ source('raw', 'field') }})
),

recent as (
    select
        drift.source,
        drift.object || '.' || drift.field || ' ' || drift.change || ' ('
        || coalesce(drift.type_before || ' → ', '') || drift.type_after || ')' as words,
        row_number() over (partition by drift.source order by drift.noticed_at desc, drift.object, drift.field) as place
    from {{ source('raw', 'schema_drift') }} as drift
    cross join setting
    where drift.noticed_at > setting.as_of - interval 7 days
),

counted as (
    select
        source,
        count(*) as change_count,
        string_agg(words, '; ' order by place) filter (where place <= 5) as examples
    from recent
    group by source
)

select
    'schema ' || sources.source as name,
    'warn' as level,
    counted.source is null as is_passed,
    coalesce(
        counted.change_count || ' changes of fields within a week: ' || counted.examples,
        'no change of fields within a week'
    ) as detail
from sources
left join counted on sources.source = counted.source
