-- Grain: partner, currency, deal and invoice: expected commission on invoices not yet paid, beside the ledger (domain.md 9).
select
    partner_id,
    currency,
    deal_id,
    invoice_id,
    amount_minor
from {{ source('attribution', 'contingent') }}
