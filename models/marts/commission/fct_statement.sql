-- Grain: statement: what a partner earned in a month and currency, and what people decided about it (domain.md 9).
select
    statement_id,
    partner_id,
    month,
    currency,
    state,
    total_minor,
    line_count,
    accepted_count,
    disputed_count,
    paid_minor,
    held_until,
    approved_by,
    digest
from {{ source('ledger', 'statement') }}
