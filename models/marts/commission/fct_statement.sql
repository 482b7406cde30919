-- Grain: statement: what a partner earned in a month and currency, and what people decided about it (domain.md 9).
with

accepted as (
    select
        statement_id,
        cast(count(*) as integer) as accepted_count
    from {{ ref('fct_statement_line') }}
    where is_accepted
    group by statement_id
)

select
    statement.statement_id,
    statement.partner_id,
    statement.month,
    statement.currency,
    statement.state,
    statement.total_minor,
    statement.line_count,
    statement.accepted_count as approved_count,
    coalesce(accepted.accepted_count, 0) as accepted_count,
    statement.disputed_count,
    statement.paid_minor,
    statement.held_until,
    statement.approved_by,
    statement.digest
from {{ source('ledger', 'statement') }} as statement
left join accepted on statement.statement_id = accepted.statement_id
