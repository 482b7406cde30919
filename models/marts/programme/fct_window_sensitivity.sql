-- Grain: window, basis and currency: what partners would have sourced and influenced had the lookback of journeys and the
-- window of leads been 30, 60, 90, 180 or 365 days alike, beside what they did under the company's own (domain.md 11).
with

deal_money as (
    select * from {{ ref('fct_deal_money') }}
),

window_deal as (
    select * from {{ source('attribution', 'window_deal') }}
),

sourcing as (
    select * from {{ ref('fct_deal_sourcing') }}
),

influence as (
    select distinct deal_id
    from {{ ref('fct_deal_influence') }}
),

setting as (
    select * from {{ source('config', 'setting') }}
),

configured as (
    select
        setting.lookback_days as window_days,
        sourcing.deal_id,
        sourcing.partner_id is not null as is_sourced,
        influence.deal_id is not null as is_influenced
    from sourcing
    cross join setting
    left join influence on sourcing.deal_id = influence.deal_id
),

involved as (
    select
        window_days,
        true as is_configured,
        deal_id,
        is_sourced,
        is_influenced
    from configured
    where is_sourced or is_influenced

    union all

    select
        window_days,
        false as is_configured,
        deal_id,
        is_sourced,
        is_influenced
    from window_deal
),

deals as (
    select
        deal_id,
        basis,
        currency,
        cast(sum(amount_minor) as bigint) as amount_minor,
        cast(sum(reporting_amount_minor) as bigint) as reporting_amount_minor
    from deal_money
    group by deal_id, basis, currency
)

select
    involved.window_days,
    involved.is_configured,
    deals.basis,
    deals.currency,
    cast(count(*) filter (where involved.is_sourced and deals.amount_minor <> 0) as integer) as sourced_deal_count,
    cast(count(*) filter (where involved.is_influenced and deals.amount_minor <> 0) as integer) as influenced_deal_count,
    {%- for prefix in ['', 'reporting_'] %}
    cast(coalesce(sum(deals.{{ prefix }}amount_minor) filter (where involved.is_sourced), 0) as bigint) as {{ prefix }}sourced_minor,
    cast(coalesce(sum(deals.{{ prefix }}amount_minor) filter (where involved.is_influenced), 0) as bigint) as {{ prefix }}influenced_distinct_minor,
    cast(sum(deals.{{ prefix }}amount_minor) as bigint) as {{ prefix }}partner_involved_minor{{ ',' if not loop.last }}
    {%- endfor %}
from involved
inner join deals on involved.deal_id = deals.deal_id
group by involved.window_days, involved.is_configured, deals.basis, deals.currency
