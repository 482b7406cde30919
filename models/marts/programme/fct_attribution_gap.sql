-- Grain: kind and reason: where attribution breaks, with records, money at stake in the reporting currency, next action (domain.md 11),
-- and since when the oldest of them is so.
with

exceptions as (
    select * from {{ ref('fct_exception') }}
),

deals as (
    select
        deal_id,
        account_id,
        created_at,
        state
    from {{ ref('dim_deal') }}
    where state <> 'lost'
),

deal_values as (
    select
        deal_id,
        cast(sum(reporting_amount_minor) as bigint) as value_minor
    from {{ ref('fct_deal_money') }}
    where basis in ('pipeline', 'booked')
    group by deal_id
),

unattributed as (
    select deal_id
    from {{ ref('fct_attribution_weight') }}
    where party_kind = 'unattributed'
),

contested as (
    select
        sourcing.deal_id,
        min(registrations.submitted_at) as claimed_at
    from {{ ref('fct_deal_sourcing') }} as sourcing
    left join {{ ref('fct_registration_conflict') }} as conflicts
        on sourcing.deal_id = conflicts.deal_id and conflicts.rule = 'deal_registration'
    left join {{ ref('fct_registration') }} as registrations on conflicts.evidence_id = registrations.registration_id
    where sourcing.conflict_count > 0
    group by sourcing.deal_id
),

free_mail_accounts as (
    select account_id
    from {{ ref('dim_account') }}
    where domain in (select domain from {{ source('config', 'free_mail_domain') }})
),

late_touches as (
    select touch_count from {{ ref('touch_after_close') }}
),

deal_gaps as (
    select
        'deal_without_touches' as kind,
        'no_touch_in_window' as reason,
        deal_id,
        created_at as since_at,
        'log the meetings and campaigns of the deal, or lengthen lookback_days' as next_action
    from deals
    where deal_id in (select deal_id from unattributed)
    union all
    select
        'contested_deal' as kind,
        'claims_of_several_partners' as reason,
        deals.deal_id,
        greatest(deals.created_at, contested.claimed_at) as since_at,
        'look at the claims; an approved override moves the pay' as next_action
    from deals
    inner join contested on deals.deal_id = contested.deal_id
    union all
    select
        'free_mail_account' as kind,
        'no_corporate_domain' as reason,
        deal_id,
        created_at as since_at,
        'give the account its corporate domain: free mail never links' as next_action
    from deals
    where account_id in (select account_id from free_mail_accounts)
    union all
    select
        'undated_deal' as kind,
        'no_creation_date' as reason,
        deal_id,
        created_at as since_at,
        'date the deal in the CRM: it has no window and no month' as next_action
    from deals
    where created_at is null
    union all
    select
        'deal_without_account' as kind,
        'no_account' as reason,
        deal_id,
        created_at as since_at,
        'put the account on the deal: touches and invoices reach it by its account' as next_action
    from deals
    where account_id is null
),

of_deals as (
    select
        deal_gaps.kind,
        deal_gaps.reason,
        count(*) as record_count,
        cast(coalesce(sum(deal_values.value_minor), 0) as bigint) as at_stake_minor,
        min(deal_gaps.next_action) as next_action,
        min(deal_gaps.since_at) as oldest_at
    from deal_gaps
    left join deal_values on deal_gaps.deal_id = deal_values.deal_id
    group by deal_gaps.kind, deal_gaps.reason
),

of_exceptions as (
    select
        kind,
        reason,
        count(distinct stream || '/' || record_id) as record_count,
        cast(coalesce(sum(at_stake_minor), 0) as bigint) as at_stake_minor,
        min(next_action) as next_action,
        min(since_at) as oldest_at
    from exceptions
    group by kind, reason
),

of_touches as (
    select
        'late_touch' as kind,
        'after_close' as reason,
        cast(sum(touch_count) as bigint) as record_count,
        cast(0 as bigint) as at_stake_minor,
        'nothing, unless the close date is wrong: touches after the close earn nothing' as next_action,
        cast(null as timestamptz) as oldest_at
    from late_touches
    having sum(touch_count) > 0
)

select * from of_deals
union all
select * from of_exceptions
union all
select * from of_touches
