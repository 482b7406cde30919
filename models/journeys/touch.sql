-- Grain: one row per deal and touch of its journey, physically in journey order: the job streams it once. `touch_index` is
-- the place in that order; ties of time go to the lower touch id (domain.md 3). It reaches back to the horizon, for what would
-- be under other windows (domain.md 11); the job leaves out of the journey what lies before the lookback.
with

touches as (
    select * from {{ ref('touch_of_deal') }}
),

parties as (
    select * from {{ ref('party') }}
),

kinds as (
    select * from {{ ref('touch_kind') }}
),

inside as (
    select
        touches.deal_index,
        touches.occurred_us,
        parties.party_index,
        kinds.kind_index,
        touches.touch_id
    from touches
    inner join parties
        on
            parties.party_kind = case when touches.partner_id is null then 'channel' else 'partner' end
            and parties.party_id = coalesce(touches.partner_id, touches.channel)
    inner join kinds on touches.kind = kinds.kind
    where touches.is_inside_horizon
),

numbered as (
    select
        deal_index,
        occurred_us,
        cast(row_number() over (order by deal_index, occurred_us, touch_id) - 1 as integer) as touch_index,
        party_index,
        kind_index,
        touch_id
    from inside
)

select * from numbered
order by touch_index
