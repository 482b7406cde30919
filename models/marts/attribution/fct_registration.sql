-- Grain: deal registration submitted by as_of, as the source states it, and until when it protects its deal: as the record says,
-- else so many days from the decision as the programme of its partner gives (domain.md 4, fine-print 8 and 9).
with

registrations as (
    select * from {{ ref('deal_registrations') }}
),

states as (
    select * from {{ ref('registration_state') }}
),

motions as (
    select
        partners.partner_id,
        motion.protection_days
    from {{ ref('partners') }} as partners
    inner join {{ source('config', 'motion') }} as motion on partners.motion = motion.motion
)

select
    registrations.registration_id,
    registrations.partner_id,
    registrations.account_id,
    registrations.domain,
    registrations.deal_id,
    registrations.status,
    registrations.submitted_at,
    registrations.decided_at,
    registrations.protection_ends_at,
    case
        when states.status = 'approved' and motions.protection_days is not null
            then coalesce(states.protection_ends_at_upper, states.decided_at_upper + to_hours(24 * motions.protection_days))
    end as protected_until_at
from registrations
left join states on registrations.registration_id = states.registration_id
left join motions on registrations.partner_id = motions.partner_id
where not registrations.is_future
