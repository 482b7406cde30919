-- Every load balances: fetched = accepted + identical repeats + quarantined.
with

loads as (
    select * from {{ source('raw', 'load') }}
    where completed_at is not null
),

counted as (
    select
        count(*) as load_count,
        count(*) filter (where fetched <> accepted + repeats + quarantined) as broken_count,
        min(source || ' ' || stream || ' ' || load_id) filter (where fetched <> accepted + repeats + quarantined) as example
    from loads
)

select
    'load_balance' as name,
    'block' as level,
    broken_count = 0 as is_passed,
    load_count || ' loads, ' || broken_count || ' where fetched is not accepted + repeats + quarantined'
    || coalesce(', such as ' || example, '') as detail
from counted
