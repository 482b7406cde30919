-- Grain: check, scope and currency. What plans make of billing (targets) against the ledger, the ledger against statements and
-- the liability, payouts of the source against the ledger, and what waits for a rate.
with

targets as (
    select
        currency,
        cast(sum(amount_minor) as bigint) as amount_minor
    from {{ source('attribution', 'commission_target') }}
    group by currency
),

entries as (
    select
        currency,
        cast(coalesce(sum(
            case when debit_account in ('commission_expense', 'contract_cost_asset') then amount_minor else -amount_minor end
        ) filter (where role is not null), 0) as bigint) as earned_minor,
        cast(coalesce(sum(
            case when credit_account = 'cash' then amount_minor else -amount_minor end
        ) filter (where entry_type = 'payout'), 0) as bigint) as paid_minor
    from {{ ref('fct_commission_entry') }}
    group by currency
),

statements as (
    select
        currency,
        cast(sum(total_minor) as bigint) as total_minor
    from {{ ref('fct_statement') }}
    group by currency
),

payouts as (
    select
        currency,
        cast(sum(amount_minor) as bigint) as amount_minor
    from {{ ref('payouts') }}
    where not is_future
    group by currency
),

closing as (
    select
        currency,
        cast(sum(closing_minor) as bigint) as closing_minor
    from {{ ref('fct_commission_liability') }}
    where month = (select max(latest.month) from {{ ref('fct_commission_liability') }} as latest)
    group by currency
),

waiting as (
    select
        currency,
        cast(sum(amount_minor) as bigint) as amount_minor
    from {{ source('attribution', 'commission_exception') }}
    where kind = 'commission_rate_missing'
    group by currency
)

select
    'targets_to_ledger' as check_name,
    'earned' as scope,
    coalesce(targets.currency, entries.currency) as currency,
    coalesce(targets.amount_minor, 0) as left_minor,
    coalesce(entries.earned_minor, 0) as right_minor,
    true as is_exact,
    'what plans make of the money received = what the ledger holds as earned' as explanation
from targets
full join entries on targets.currency = entries.currency

union all

select
    'ledger_to_statements' as check_name,
    'earned' as scope,
    coalesce(entries.currency, statements.currency) as currency,
    coalesce(entries.earned_minor, 0) as left_minor,
    coalesce(statements.total_minor, 0) as right_minor,
    true as is_exact,
    'earned in the ledger = total of all statements' as explanation
from entries
full join statements on entries.currency = statements.currency

union all

select
    'payouts_to_ledger' as check_name,
    'paid' as scope,
    coalesce(payouts.currency, entries.currency) as currency,
    coalesce(payouts.amount_minor, 0) as left_minor,
    coalesce(entries.paid_minor, 0) as right_minor,
    true as is_exact,
    'payouts that the source reports = payouts in the ledger' as explanation
from payouts
full join entries on payouts.currency = entries.currency

union all

select
    'ledger_to_liability' as check_name,
    'owed' as scope,
    coalesce(entries.currency, closing.currency) as currency,
    coalesce(entries.earned_minor - entries.paid_minor, 0) as left_minor,
    coalesce(closing.closing_minor, 0) as right_minor,
    true as is_exact,
    'earned − paid in the ledger = owed at the end' as explanation
from entries
full join closing on entries.currency = closing.currency

union all

select
    'commission_without_rate' as check_name,
    'received' as scope,
    currency,
    amount_minor as left_minor,
    cast(0 as bigint) as right_minor,
    false as is_exact,
    'received on commissioned deals, but no rate into the plan currency: accrues when the rate comes' as explanation
from waiting
where amount_minor <> 0
