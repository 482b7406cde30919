-- Grain: stream, record, reason and currency: what of commissions needs a person, as the job found it. since_at: since when it is so,
-- by the record's own date; of pay that newer evidence contradicts, since it began.
{{ config(materialized='ephemeral') }}
with

setting as (
    select time_zone from {{ source('config', 'setting') }}
),

commission_exceptions as (
    select * from {{ source('attribution', 'commission_exception') }}
),

events as (
    select * from {{ ref('billing_event') }}
),

-- when the pay began that newer evidence contradicts
first_entry as (
    select
        deal_id,
        min(effective_date) as first_date
    from {{ ref('fct_commission_entry') }}
    where deal_id in (select commission_exceptions.record_id from commission_exceptions where kind = 'sourcing_change')
    group by deal_id
),

dated as (
    select
        'payouts' as stream,
        payout_id as record_id,
        paid_at as since_at
    from {{ ref('payouts') }}
    union all
    select
        'deals' as stream,
        deal_id as record_id,
        {{ deal_dated_at() }} as since_at
    from {{ ref('deal') }}
    union all
    select
        stream,
        event_id as record_id,
        min(effective_at) as since_at
    from events
    where event_id in (select commission_exceptions.record_id from commission_exceptions)
    group by stream, event_id
)

select
    commission_exceptions.kind,
    commission_exceptions.stream,
    commission_exceptions.record_id,
    commission_exceptions.reason,
    commission_exceptions.detail,
    commission_exceptions.amount_minor,
    commission_exceptions.currency,
    commission_exceptions.next_action,
    coalesce({{ local_day_start('first_entry.first_date') }}, dated.since_at) as since_at
from commission_exceptions
cross join setting
left join first_entry on commission_exceptions.record_id = first_entry.deal_id
left join dated on commission_exceptions.stream = dated.stream and commission_exceptions.record_id = dated.record_id
