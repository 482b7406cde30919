-- A deal's own money: its open amount (pipeline) or its won amount (booked). One row a deal that has either, by deal_index.
with

setting as (

    select as_of from {{ source('config', 'setting') }}

),

deals as (

    select * from {{ ref('deals') }}

),

deal_indexes as (

    select
        deal_id,
        deal_index
    from {{ ref('deal') }}

),

currencies as (

    select * from {{ ref('billing_currency') }}

),

known as (

    select deals.*
    from deals
    cross join setting
    where deals.created_at is null or deals.created_at <= setting.as_of

),

dated as (

    select
        deal_id,
        currency,
        amount_minor,
        case when is_closed then 1 else 0 end as basis,
        case when is_closed then closed_date else created_date end as event_date
    from known
    where is_won or not is_closed

)

select
    deal_indexes.deal_index,
    cast(dated.basis as integer) as basis,
    cast(dated.event_date - date '1970-01-01' as integer) as event_day,
    currencies.currency_index,
    dated.amount_minor
from dated
inner join deal_indexes on dated.deal_id = deal_indexes.deal_id
inner join currencies on dated.currency = currencies.currency
where
    dated.event_date is not null
    and dated.amount_minor <> 0
order by deal_indexes.deal_index
