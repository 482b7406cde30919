-- Grain: one row per registration submitted by `as_of`, with its state at `as_of` (fine-print 8): approved is `approved`, or
-- `expired` after a decision; an approval without a date came with the submission; a later decision is still pending.
with

registrations as (
    select * from {{ ref('deal_registrations') }}
),

setting as (
    select * from {{ source('config', 'setting') }}
),

decided as (
    select
        registrations.registration_id,
        registrations.partner_id,
        registrations.account_id,
        registrations.deal_id,
        registrations.submitted_at,
        coalesce(registrations.decided_at, registrations.submitted_at) as decided_at,
        coalesce(registrations.decided_at_upper, registrations.submitted_at_upper) as decided_at_upper,
        registrations.protection_ends_at_upper,
        case
            when registrations.status = 'pending' or registrations.decided_at > setting.as_of then 'pending'
            when registrations.status = 'expired' and registrations.decided_at is not null then 'approved'
            else registrations.status
        end as status
    from registrations
    cross join setting
    where registrations.submitted_at <= setting.as_of
)

select * from decided
