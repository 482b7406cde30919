-- Grain: refused record. Refused at the edge for itself, or in core for what it points at or contradicts (fine-print 4, 5, 20).
with

edge as (
    select
        quarantine_id,
        source,
        stream,
        record_id,
        record,
        reason,
        field,
        detail,
        state
    from {{ source('raw', 'quarantine') }}
    where state in ('open', 'waived')
),

refused as (
    select
        stream || '/' || source || ':' || record_key as quarantine_id,
        source,
        stream,
        record_id,
        cast(record as bigint) as record,
        reason,
        cast(null as varchar) as field,
        detail,
        'pending' as state
    from {{ ref('refused_record') }}
),

everything as (
    select * from edge
    union all
    select * from refused
)

select
    *,
    concat_ws(' ', source, stream, coalesce(record_id, 'record ' || record)) as name,
    'warn' as level,
    case when state = 'waived' then 'pass' else 'fail' end as status
from everything
