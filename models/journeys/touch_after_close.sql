-- Grain: one row per closed deal with touches after its close: they earn nothing and are counted (domain.md 3).
with

touches as (
    select * from {{ ref('touch_of_deal') }}
),

deals as (
    select * from {{ ref('deal') }}
),

counted as (
    select
        deals.deal_id,
        cast(count(*) as integer) as touch_count
    from touches
    inner join deals on touches.deal_index = deals.deal_index
    where touches.is_after_close
    group by deals.deal_id
)

select * from counted
