-- Grain: one row per kind of touch; `kind_index` is dense from 0.
with

touches as (
    select * from {{ ref('touch_evidence') }}
),

kinds as (
    select distinct kind
    from touches
),

numbered as (
    select
        cast(row_number() over (order by kind) - 1 as integer) as kind_index,
        kind
    from kinds
)

select * from numbered
