-- Grain: partner. Activation is its first commercial event, not training; active means one in the trailing 90 days (domain.md 11).
with

partners as (
    select * from {{ ref('dim_partner') }}
),

events as (
    select * from {{ ref('partner_event') }}
),

setting as (
    select as_of from {{ source('config', 'setting') }}
),

summed as (
    select
        partner_id,
        min(occurred_at) as first_event_at,
        arg_min(kind, (occurred_at, kind)) as first_event_kind,
        max(occurred_at) as last_event_at,
        min(occurred_at) filter (where kind = 'deal') as first_deal_at
    from events
    group by partner_id
),

onboarding_items as (
    select count(distinct item) as item_count
    from {{ ref('enablement') }}
    where kind = 'onboarding_step'
),

onboarding_steps as (
    select
        partner_id,
        item,
        min(occurred_at) as completed_at
    from {{ ref('enablement') }}
    where kind = 'onboarding_step' and status = 'completed' and not is_future
    group by partner_id, item
),

onboarding as (
    select
        partner_id,
        count(*) as completed_count,
        max(completed_at) as last_completed_at
    from onboarding_steps
    group by partner_id
)

select
    partners.partner_id,
    partners.joined_at,
    summed.first_event_at,
    summed.first_event_kind,
    summed.last_event_at,
    coalesce(epoch_us(summed.last_event_at) >= epoch_us(setting.as_of) - 90 * 86400000000, false) as is_active,
    summed.first_deal_at,
    (epoch_us(summed.first_deal_at) - epoch_us(partners.joined_at)) / 86400000000 as days_to_first_deal,
    coalesce(onboarding.completed_count, 0) as onboarding_completed_count,
    onboarding_items.item_count as onboarding_step_count,
    case
        when onboarding.completed_count = onboarding_items.item_count then onboarding.last_completed_at
    end as onboarding_completed_at
from partners
cross join setting
cross join onboarding_items
left join summed on partners.partner_id = summed.partner_id
left join onboarding on partners.partner_id = onboarding.partner_id
