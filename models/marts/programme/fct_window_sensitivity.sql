-- Grain: window, whether it is the company's own, month, basis and currency: what partners would have sourced and influenced
-- had the lookback of journeys and the window of leads been 30, 60, 90, 180 or 365 days alike, beside what they did under the
-- company's own (domain.md 11). Every window has every month with money, so that they stand side by side.
with

deal_money as (
    select * from {{ ref('fct_deal_money') }}
),

window_deal as (
    select * from {{ source('attribution', 'window_deal') }}
),

sourcing as (
    select deal_id
    from {{ ref('fct_deal_sourcing') }}
    where partner_id is not null
),

influence as (
    select distinct deal_id
    from {{ ref('fct_deal_influence') }}
),

setting as (
    select * from {{ source('config', 'setting') }}
),

windows as (
    select
        lookback_days as window_days,
        true as is_configured
    from setting

    union all

    select
        unnest([30, 60, 90, 180, 365]) as window_days,
        false as is_configured
),

configured as (
    select
        coalesce(sourcing.deal_id, influence.deal_id) as deal_id,
        sourcing.deal_id is not null as is_sourced,
        influence.deal_id is not null as is_influenced
    from sourcing
    full join influence on sourcing.deal_id = influence.deal_id
),

involved as (
    select
        setting.lookback_days as window_days,
        true as is_configured,
        configured.deal_id,
        configured.is_sourced,
        configured.is_influenced
    from configured
    cross join setting

    union all

    select
        window_days,
        false as is_configured,
        deal_id,
        is_sourced,
        is_influenced
    from window_deal
),

summed as (
    select
        involved.window_days,
        involved.is_configured,
        deal_money.month,
        deal_money.basis,
        deal_money.currency,
        count(*) filter (where involved.is_sourced and deal_money.amount_minor <> 0) as sourced_deal_count,
        count(*) filter (where involved.is_influenced and deal_money.amount_minor <> 0) as influenced_deal_count,
        {%- for prefix in ['', 'reporting_'] %}
        sum(deal_money.{{ prefix }}amount_minor) filter (where involved.is_sourced) as {{ prefix }}sourced_minor,
        sum(deal_money.{{ prefix }}amount_minor) filter (where involved.is_influenced) as {{ prefix }}influenced_distinct_minor,
        sum(deal_money.{{ prefix }}amount_minor) as {{ prefix }}partner_involved_minor{{ ',' if not loop.last }}
        {%- endfor %}
    from involved
    inner join deal_money on involved.deal_id = deal_money.deal_id
    group by involved.window_days, involved.is_configured, deal_money.month, deal_money.basis, deal_money.currency
),

places as (
    select distinct
        month,
        basis,
        currency
    from deal_money
)

select
    windows.window_days,
    windows.is_configured,
    places.month,
    places.basis,
    places.currency,
    coalesce(summed.sourced_deal_count, 0) as sourced_deal_count,
    coalesce(summed.influenced_deal_count, 0) as influenced_deal_count,
    {%- for prefix in ['', 'reporting_'] %}
    cast(coalesce(summed.{{ prefix }}sourced_minor, 0) as bigint) as {{ prefix }}sourced_minor,
    cast(coalesce(summed.{{ prefix }}influenced_distinct_minor, 0) as bigint) as {{ prefix }}influenced_distinct_minor,
    cast(coalesce(summed.{{ prefix }}partner_involved_minor, 0) as bigint) as {{ prefix }}partner_involved_minor{{ ',' if not loop.last }}
    {%- endfor %}
from places
cross join windows
left join summed
    on
        places.month = summed.month
        and places.basis = summed.basis
        and places.currency = summed.currency
        and windows.window_days = summed.window_days
        and windows.is_configured = summed.is_configured
