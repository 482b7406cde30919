-- Σ credit of all parties + unattributed + unlinked = total, per month, basis, currency and method, native and reporting (fine-print 14).
with

revenue as (
    select * from {{ ref('fct_revenue_monthly') }}
),

methods as (
    select method from {{ source('config', 'method') }}
),

credit as (
    select
        month,
        basis,
        currency,
        method,
        sum(amount_minor) as amount_minor,
        sum(reporting_amount_minor) as reporting_amount_minor
    from {{ ref('fct_attribution_monthly') }}
    group by month, basis, currency, method
),

compared as (
    select
        coalesce(revenue.total_minor - revenue.unlinked_minor, 0) as expected_minor,
        coalesce(revenue.reporting_total_minor - revenue.reporting_unlinked_minor, 0) as reporting_expected_minor,
        coalesce(credit.amount_minor, 0) as credited_minor,
        coalesce(credit.reporting_amount_minor, 0) as reporting_credited_minor
    from revenue
    cross join methods
    full join credit
        on
            revenue.month = credit.month
            and revenue.basis = credit.basis
            and revenue.currency = credit.currency
            and methods.method = credit.method
),

counted as (
    select
        count(*) as cell_count,
        count(*) filter (where expected_minor <> credited_minor or reporting_expected_minor <> reporting_credited_minor)
            as broken_count
    from compared
)

select
    'conservation' as name,
    'block' as level,
    broken_count = 0 as is_passed,
    cell_count || ' months × basis × currency × method compared, ' || broken_count || ' do not add up' as detail
from counted
