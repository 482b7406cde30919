-- The ledger adds up: the roll-forward closes and opens, balances make the closing, statements make the entries, and nothing is
-- left to post (domain.md 8, 9).
with

liability as (
    select * from {{ ref('fct_commission_liability') }}
),

chained as (
    select
        opening_minor + accrued_minor - clawed_back_minor + true_up_minor + prior_period_minor
        - written_off_minor - paid_minor <> closing_minor as is_open,
        accrued_balance_minor + payable_balance_minor + disputed_balance_minor
        - recoverable_balance_minor <> closing_minor as is_unbalanced,
        reporting_opening_minor + reporting_accrued_minor - reporting_clawed_back_minor + reporting_true_up_minor
        + reporting_prior_period_minor - reporting_written_off_minor - reporting_paid_minor
        + fx_minor <> reporting_closing_minor as is_reporting_open,
        opening_minor <> lag(closing_minor, 1, 0) over (partition by partner_id, currency order by month) as is_unchained
    from liability
),

statements as (
    select
        statement_id,
        total_minor
    from {{ ref('fct_statement') }}
),

statement_lines as (
    select
        statement_id,
        sum(amount_minor) as total_minor
    from {{ ref('fct_statement_line') }}
    group by statement_id
),

earned as (
    select
        cause_id,
        sum({{ signed_minor() }}) as amount_minor
    from {{ ref('fct_commission_entry') }}
    where role is not null
    group by cause_id
),

targets as (
    select
        cause_id,
        sum(amount_minor) as amount_minor
    from {{ source('attribution', 'commission_target') }}
    group by cause_id
),

faults as (
    select
        (select count(*) from liability) as row_count,
        (select count(*) from chained where is_open or is_unbalanced or is_reporting_open or is_unchained) as roll_forward_count,
        (
            select count(*)
            from statements
            full join statement_lines on statements.statement_id = statement_lines.statement_id
            where statements.total_minor is distinct from statement_lines.total_minor
        ) as statement_count,
        (
            select count(*)
            from earned
            full join targets on earned.cause_id = targets.cause_id
            where coalesce(earned.amount_minor, 0) <> coalesce(targets.amount_minor, 0)
        ) as cause_count
)

select
    'ledger' as name,
    'block' as level,
    roll_forward_count + statement_count + cause_count = 0 as is_passed,
    row_count || ' partner months rolled forward, ' || roll_forward_count || ' do not close; '
    || statement_count || ' statements differ from their lines; ' || cause_count || ' causes differ from their target' as detail
from faults
