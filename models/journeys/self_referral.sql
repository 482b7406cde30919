-- Partners and the buyers that share a corporate domain with them, whichever of a merged account's (domain.md 4).
-- Grain: one row per partner and account that has a deal.
with

partners as (
    select * from {{ ref('partners') }}
),

account_domains as (
    select * from {{ ref('account_domain') }}
),

parties as (
    select * from {{ ref('party') }}
    where party_kind = 'partner'
),

deals as (
    select * from {{ ref('deal') }}
)

select distinct
    parties.party_index,
    deals.account_index
from partners
inner join parties on partners.partner_id = parties.party_id
inner join account_domains on partners.domain = account_domains.domain
inner join deals on account_domains.account_id = deals.account_id
