-- Grain: one row per touch and deal that it may belong to, with its place in the deal's window. A touch that names a deal is
-- that deal's alone; others go to every deal of their account, or, in scope `deal_contacts`, of their contact
-- (domain.md 3, fine-print 7). A deal of unknown date has no window.
with

touches as (
    select * from {{ ref('touch_evidence') }}
),

setting as (
    select * from {{ source('config', 'setting') }}
),

deals as (
    select
        deal_id,
        account_id,
        deal_index,
        is_closed,
        nullif(created_us, {{ missing_instant() }})
        - (select setting.lookback_days * 86400000000 from setting) as opened_us,
        nullif(created_us, {{ missing_instant() }})
        - (select greatest(setting.lookback_days, 365) * 86400000000 from setting) as horizon_us,
        closed_upper_us
    from {{ ref('deal') }}
),

deal_contacts as (
    select distinct
        deal_id,
        contact_id
    from {{ ref('deal_contacts') }}
),

named as (
    select
        touches.* exclude (deal_id, account_id),
        deals.*
    from touches
    inner join deals on touches.deal_id = deals.deal_id
),

of_account as (
    select
        touches.* exclude (deal_id, account_id),
        deals.*
    from touches
    inner join deals on touches.account_id = deals.account_id
    where touches.deal_id is null and (select setting.scope from setting) = 'account'
),

of_contact as (
    select
        touches.* exclude (deal_id, account_id),
        deals.*
    from touches
    inner join deal_contacts on touches.contact_id = deal_contacts.contact_id
    inner join deals on deal_contacts.deal_id = deals.deal_id
    where touches.deal_id is null and (select setting.scope from setting) = 'deal_contacts'
),

touches_of_deals as (
    select * from named
    union all
    select * from of_account
    union all
    select * from of_contact
)

select
    deal_index,
    epoch_us(occurred_at) as occurred_us,
    coalesce(epoch_us(occurred_at) between opened_us and closed_upper_us, false) as is_inside,
    coalesce(epoch_us(occurred_at) between horizon_us and closed_upper_us, false) as is_inside_horizon,
    is_closed and epoch_us(occurred_at) > closed_upper_us as is_after_close,
    touch_id,
    channel,
    partner_id,
    kind
from touches_of_deals
