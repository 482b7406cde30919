-- Grain: month, basis and currency: the three influence numbers side by side (domain.md 5). total includes what is unlinked.
with

deal_money as (
    select * from {{ ref('fct_deal_money') }}
),

sourced as (
    select deal_id
    from {{ ref('fct_deal_sourcing') }}
    where partner_id is not null
),

influenced as (
    select distinct deal_id
    from {{ ref('fct_deal_influence') }}
),

unlinked as (
    select * from {{ ref('fct_unlinked_money') }}
),

of_deals as (
    select
        deal_money.month,
        deal_money.basis,
        deal_money.currency,
        sourced.deal_id is not null as is_sourced,
        influenced.deal_id is not null as is_influenced,
        false as is_unlinked,
        deal_money.amount_minor,
        deal_money.reporting_amount_minor,
        deal_money.unconverted_minor
    from deal_money
    left join sourced on deal_money.deal_id = sourced.deal_id
    left join influenced on deal_money.deal_id = influenced.deal_id
),

money as (
    select * from of_deals
    union all
    select
        month,
        basis,
        currency,
        false as is_sourced,
        false as is_influenced,
        true as is_unlinked,
        amount_minor,
        reporting_amount_minor,
        unconverted_minor
    from unlinked
)

select
    month,
    basis,
    currency,
    {%- for prefix in ['', 'reporting_'] %}
    cast(sum({{ prefix }}amount_minor) as bigint) as {{ prefix }}total_minor,
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where is_sourced), 0) as bigint) as {{ prefix }}sourced_minor,
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where is_influenced), 0) as bigint) as {{ prefix }}influenced_distinct_minor,
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where is_sourced or is_influenced), 0) as bigint) as {{ prefix }}partner_involved_minor,
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where is_unlinked), 0) as bigint) as {{ prefix }}unlinked_minor,
    {%- endfor %}
    cast(sum(unconverted_minor) as bigint) as unconverted_minor
from money
group by month, basis, currency
