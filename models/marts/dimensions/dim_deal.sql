-- Grain: deal that exists at as_of. Amounts are the deal's own; what was paid is in fct_deal_money.
with

deals as (
    select * from {{ ref('deals') }}
),

present as (
    select deal_id from {{ ref('deal') }}
)

select
    deals.deal_id,
    deals.account_id,
    deals.name,
    deals.kind,
    deals.stage,
    case
        when not deals.is_closed then 'open'
        when deals.is_won then 'won'
        else 'lost'
    end as state,
    deals.owner,
    deals.product,
    deals.source_partner_id,
    deals.reseller_partner_id,
    deals.created_at,
    deals.lead_created_at,
    deals.closed_at,
    deals.expected_close_at,
    deals.amount_minor,
    deals.currency,
    deals.amount_is_missing
from deals
inner join present on deals.deal_id = present.deal_id
