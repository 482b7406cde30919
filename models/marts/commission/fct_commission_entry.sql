-- Grain: ledger entry, as the books hold it (domain.md 9). A correction is a new row; nothing here is ever changed. A merged deal
-- is the one that it lives on in.
with

entries as (
    select * from {{ source('ledger', 'entry') }}
),

deal_aliases as (
    select * from {{ ref('deal_alias') }}
)

select
    entry_id,
    entry_type,
    debit_account,
    credit_account,
    partner_id,
    amount_minor,
    currency,
    reporting_amount_minor,
    effective_date,
    posted_month,
    origin_month,
    plan,
    plan_version,
    component,
    role,
    pool_size,
    coalesce(deal_aliases.survivor_id, entries.deal_id) as deal_id,
    invoice_id,
    invoice_line_id,
    event_kind,
    event_id,
    event_amount_minor,
    case when event_amount_minor is not null then coalesce(event_currency, currency) end as event_currency,
    event_base_minor,
    plan_month,
    cause_id,
    cause_sequence,
    held_until,
    evidence_ids
from entries
left join deal_aliases on entries.deal_id = deal_aliases.deal_id
