-- Grain: check, scope and currency: two sides that must agree, and every amount on one side only as a line with its reason.
with

checks as (
    select *, 'reconcile_billing' as model from {{ ref('reconcile_billing') }}
    union all
    select *, 'reconcile_revenue' as model from {{ ref('reconcile_revenue') }}
    union all
    select *, 'reconcile_commission' as model from {{ ref('reconcile_commission') }}
)

select
    check_name as "check",
    scope,
    currency,
    left_minor,
    right_minor,
    left_minor - right_minor as difference_minor,
    is_exact,
    explanation,
    model
from checks
