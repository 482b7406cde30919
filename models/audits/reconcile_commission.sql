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
        cast(coalesce(sum({{ signed_minor() }}) filter (where role is not null), 0) as bigint) as earned_minor,
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

{{ must_equal(
    'targets_to_ledger', 'earned', ['targets', 'entries'], 'targets.amount_minor', 'entries.earned_minor',
    'what plans make of the money received = what the ledger holds as earned'
) }}

union all

{{ must_equal(
    'ledger_to_statements', 'earned', ['entries', 'statements'], 'entries.earned_minor', 'statements.total_minor',
    'earned in the ledger = total of all statements'
) }}

union all

{{ must_equal(
    'payouts_to_ledger', 'paid', ['payouts', 'entries'], 'payouts.amount_minor', 'entries.paid_minor',
    'payouts that the source reports = payouts in the ledger'
) }}

union all

{{ must_equal(
    'ledger_to_liability', 'owed', ['entries', 'closing'], 'entries.earned_minor - entries.paid_minor', 'closing.closing_minor',
    'earned − paid in the ledger = owed at the end'
) }}

union all

{{ stands_alone(
    'commission_without_rate', 'received', 'waiting', 'amount_minor',
    'received on commissioned deals, but no rate into the plan currency: accrues when the rate comes'
) }}
