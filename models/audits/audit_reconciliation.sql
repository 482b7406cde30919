-- Every check of fct_reconciliation that must agree does, to the minor unit. Grain: check.
with

checks as (
    select * from {{ ref('fct_reconciliation') }}
    where is_exact
),

counted as (
    select
        "check",
        model,
        count(*) as scope_count,
        count(*) filter (where difference_minor <> 0) as broken_count,
        min(scope || ' ' || currency || ': ' || difference_minor) filter (where difference_minor <> 0) as example
    from checks
    group by "check", model
)

select
    'reconciliation_' || "check" as name,
    'block' as level,
    broken_count = 0 as is_passed,
    scope_count || ' sides compared, ' || broken_count || ' differ' || coalesce(', such as ' || example, '') as detail,
    model as reads
from counted
