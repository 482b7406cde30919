-- Grain: partner, month, basis and currency. A deal counts once for its sourcing partner and once for each influencing one:
-- influenced_gross adds up to more than the distinct value, by design (domain.md 5).
with

deal_money as (
    select * from {{ ref('fct_deal_money') }}
),

partner_deals as (
    select
        deal_id,
        partner_id,
        true as is_sourced
    from {{ ref('fct_deal_sourcing') }}
    where partner_id is not null

    union all

    select
        deal_id,
        partner_id,
        false as is_sourced
    from {{ ref('fct_deal_influence') }}
),

shares as (
    select
        partner_deals.partner_id,
        partner_deals.is_sourced,
        deal_money.*
    from deal_money
    inner join partner_deals on deal_money.deal_id = partner_deals.deal_id
)

select
    partner_id,
    month,
    basis,
    currency,
    {%- for prefix in ['', 'reporting_'] %}
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where is_sourced), 0) as bigint) as {{ prefix }}sourced_minor,
    cast(coalesce(sum({{ prefix }}amount_minor) filter (where not is_sourced), 0) as bigint) as {{ prefix }}influenced_gross_minor,
    {%- endfor %}
    count(*) filter (where amount_minor <> 0) as deal_count
from shares
group by partner_id, month, basis, currency
