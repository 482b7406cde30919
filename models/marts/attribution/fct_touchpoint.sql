-- Grain: deal and touch of its account or contacts, whenever it happened; why those outside the journey do not count.
with

touches as (
    select * from {{ ref('touch_of_deal') }}
),

deals as (
    select * from {{ ref('deal') }}
),

setting as (
    select lookback_days * 86400000000 as lookback_us from {{ source('config', 'setting') }}
),

judged as (
    select
        deals.deal_id,
        touches.touch_id as touchpoint_id,
        touches.occurred_us,
        touches.channel,
        touches.partner_id,
        touches.kind,
        case
            when deals.created_us = {{ missing_instant() }} then 'deal_without_creation'
            when touches.occurred_us < deals.created_us - setting.lookback_us then 'before_window'
            when touches.occurred_us > deals.closed_upper_us then 'after_close'
        end as reason
    from touches
    inner join deals on touches.deal_index = deals.deal_index
    cross join setting
)

select
    deal_id,
    touchpoint_id,
    make_timestamptz(occurred_us) as occurred_at,
    case when partner_id is null then 'channel' else 'partner' end as party_kind,
    coalesce(partner_id, channel) as party_id,
    channel,
    kind,
    reason is null as is_counted,
    reason
from judged
