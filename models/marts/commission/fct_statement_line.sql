-- Grain: statement line, which is one earning entry of the ledger (domain.md 9).
select
    line_id,
    statement_id,
    position,
    entry_id,
    partner_id,
    deal_id,
    invoice_id,
    invoice_line_id,
    payment_id,
    entry_type,
    plan,
    plan_version,
    component,
    effective_date,
    held_until,
    currency,
    amount_minor,
    description,
    state
from {{ source('ledger', 'statement_line') }}
