-- Grain: partner and month of submission: how many registrations, how they were decided, how fast, how often contested.
with

registrations as (
    select
        registration_id,
        partner_id,
        account_id,
        deal_id,
        submitted_at,
        decided_at,
        status
    from {{ ref('deal_registrations') }}
    where not is_future
),

setting as (
    select
        as_of,
        time_zone
    from {{ source('config', 'setting') }}
),

states as (
    select
        registration_id,
        status as state
    from {{ ref('registration_state') }}
),

claims as (
    select
        claim.evidence_id as registration_id,
        min(claim.party_index) over (partition by claim.deal_index) as lowest_party_index,
        max(claim.party_index) over (partition by claim.deal_index) as highest_party_index
    from {{ ref('claim') }} as claim
    inner join {{ ref('deal') }} as deals on claim.deal_index = deals.deal_index
    where claim.rule_index = 0 and claim.submitted_us <= deals.closed_upper_us
),

claimed as (
    select
        registration_id,
        bool_or(lowest_party_index <> highest_party_index) as is_contested
    from claims
    group by registration_id
),

judged as (
    select
        registrations.partner_id,
        cast(date_trunc('month', timezone(setting.time_zone, registrations.submitted_at)) as date) as month,
        states.state,
        case
            when registrations.decided_at <= setting.as_of
                then greatest(0, (epoch_us(registrations.decided_at) - epoch_us(registrations.submitted_at)) // 60000000)
        end as decision_minutes,
        coalesce(claimed.is_contested, false) as is_contested
    from registrations
    cross join setting
    inner join states on registrations.registration_id = states.registration_id
    left join claimed on registrations.registration_id = claimed.registration_id
)

select
    partner_id,
    month,
    count(*) as registration_count,
    count(*) filter (where state = 'approved') as approved_count,
    count(*) filter (where state = 'rejected') as rejected_count,
    count(*) filter (where state = 'expired') as expired_count,
    count(*) filter (where state = 'pending') as pending_count,
    quantile_disc(decision_minutes, 0.5) as median_decision_minutes,
    count(*) filter (where is_contested) as contested_count
from judged
group by partner_id, month
