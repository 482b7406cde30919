-- Grain: check, scope and currency. Line movements against deal money, deal amounts against booked and pipeline, revenue
-- against credit under each method; every unlinked amount a line of its own.
with

movements as (
    select
        currencies.currency,
        {{ basis_name('movement.basis') }} as basis,
        cast(sum(movement.amount_minor) as bigint) as net_minor
    from {{ source('attribution', 'line_movement') }} as movement
    inner join {{ ref('billing_currency') }} as currencies on movement.currency_index = currencies.currency_index
    group by currencies.currency, movement.basis
),

revenue as (
    select
        currency,
        basis,
        cast(sum(total_minor) as bigint) as total_minor,
        cast(sum(unlinked_minor) as bigint) as unlinked_minor
    from {{ ref('fct_revenue_monthly') }}
    group by currency, basis
),

deal_amounts as (
    select
        currency,
        case state when 'won' then 'booked' else 'pipeline' end as basis,
        cast(sum(amount_minor) as bigint) as amount_minor,
        cast(coalesce(sum(amount_minor) filter (where state = 'open' and created_at is null), 0) as bigint) as undated_minor
    from {{ ref('dim_deal') }}
    where state <> 'lost'
    group by currency, basis
),

credit as (
    select
        currency,
        basis,
        method,
        cast(sum(amount_minor) as bigint) as amount_minor
    from {{ ref('fct_attribution_monthly') }}
    group by currency, basis, method
),

methods as (
    select method from {{ source('config', 'method') }}
),

unlinked as (
    select
        currency,
        basis,
        reason,
        cast(sum(amount_minor) as bigint) as amount_minor
    from {{ ref('fct_unlinked_money') }}
    group by currency, basis, reason
)

select
    'lines_to_revenue' as check_name,
    movements.basis as scope,
    movements.currency,
    movements.net_minor as left_minor,
    coalesce(revenue.total_minor, 0) as right_minor,
    true as is_exact,
    'net movements of invoice lines = revenue of deals + unlinked' as explanation
from movements
left join revenue on movements.currency = revenue.currency and movements.basis = revenue.basis

union all

select
    'deals_to_revenue' as check_name,
    deal_amounts.basis as scope,
    deal_amounts.currency,
    deal_amounts.amount_minor - deal_amounts.undated_minor as left_minor,
    coalesce(revenue.total_minor, 0) as right_minor,
    true as is_exact,
    'amounts of the CRM deals with a date = revenue' as explanation
from deal_amounts
left join revenue on deal_amounts.currency = revenue.currency and deal_amounts.basis = revenue.basis

union all

{{ stands_alone(
    'deals_to_revenue', 'open deals without a creation date', 'deal_amounts', 'undated_minor',
    'they belong to no month: date them in the CRM'
) }}

union all

select
    'revenue_to_credit' as check_name,
    revenue.basis || ' ' || methods.method as scope,
    revenue.currency,
    revenue.total_minor as left_minor,
    coalesce(credit.amount_minor, 0) + revenue.unlinked_minor as right_minor,
    true as is_exact,
    'revenue = credit of all parties + unattributed + unlinked' as explanation
from revenue
cross join methods
left join credit
    on
        revenue.currency = credit.currency
        and revenue.basis = credit.basis
        and methods.method = credit.method

union all

select
    'unlinked' as check_name,
    basis || ' ' || reason as scope,
    currency,
    amount_minor as left_minor,
    cast(0 as bigint) as right_minor,
    false as is_exact,
    'billed, but no deal was found: ' || reason as explanation
from unlinked
where amount_minor <> 0
