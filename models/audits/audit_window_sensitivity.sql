-- The company's own windows in the table of windows give exactly its published revenue, native and reporting (domain.md 11).
with

revenue as (
    select * from {{ ref('fct_revenue_monthly') }}
),

configured as (
    select * from {{ ref('fct_window_sensitivity') }}
    where is_configured
),

compared as (
    select
        {%- for amount in ['sourced', 'influenced_distinct', 'partner_involved'] %}
        coalesce(revenue.{{ amount }}_minor, 0) = coalesce(configured.{{ amount }}_minor, 0)
        and coalesce(revenue.reporting_{{ amount }}_minor, 0) = coalesce(configured.reporting_{{ amount }}_minor, 0)
            as is_{{ amount }}_equal{{ ',' if not loop.last }}
        {%- endfor %}
    from revenue
    full join configured
        on
            revenue.month = configured.month
            and revenue.basis = configured.basis
            and revenue.currency = configured.currency
),

counted as (
    select
        count(*) as cell_count,
        count(*) filter (
            where not (is_sourced_equal and is_influenced_distinct_equal and is_partner_involved_equal)
        ) as broken_count
    from compared
)

select
    'window_sensitivity' as name,
    'block' as level,
    broken_count = 0 as is_passed,
    cell_count || ' months × basis × currency under the own windows, ' || broken_count || ' differ from what is published' as detail
from counted
