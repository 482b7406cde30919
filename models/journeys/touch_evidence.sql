-- Grain: one row per touch that can earn credit, not yet given to deals: touchpoints, partner leads that are not rejected,
-- approved registrations (fine-print 6 to 8). Nothing dated after `as_of`.
with

touchpoints as (
    select * from {{ ref('touchpoints') }}
),

leads as (
    select * from {{ ref('leads') }}
),

registrations as (
    select * from {{ ref('registration_state') }}
    where status = 'approved'
),

contacts as (
    select * from {{ ref('contacts') }}
),

setting as (
    select * from {{ source('config', 'setting') }}
),

touches as (
    select
        touchpoints.touchpoint_id as touch_id,
        touchpoints.occurred_at,
        touchpoints.deal_id,
        coalesce(touchpoints.account_id, contacts.account_id) as account_id,
        touchpoints.contact_id,
        touchpoints.channel,
        touchpoints.partner_id,
        touchpoints.kind
    from touchpoints
    left join contacts on touchpoints.contact_id = contacts.contact_id

    union all

    select
        'lead:' || lead_id as touch_id,
        submitted_at as occurred_at,
        deal_id,
        account_id,
        null as contact_id,
        'partner' as channel,
        partner_id,
        'lead' as kind
    from leads
    where partner_id is not null and status is distinct from 'rejected'

    union all

    select
        'registration:' || registration_id as touch_id,
        submitted_at as occurred_at,
        deal_id,
        account_id,
        null as contact_id,
        'partner' as channel,
        partner_id,
        'registration' as kind
    from registrations
),

present as (
    select touches.*
    from touches
    cross join setting
    where touches.occurred_at <= setting.as_of
)

select * from present
