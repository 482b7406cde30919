-- Grain: deal, basis, month and currency: what the deal brought (domain.md 7). Reporting amounts leave out what no rate converts;
-- that stands in unconverted_minor, in the native currency.
with

deal_money as (
    select * from {{ source('attribution', 'deal_money') }}
),

deals as (
    select
        deal_index,
        deal_id
    from {{ ref('deal') }}
),

currencies as (
    select * from {{ ref('billing_currency') }}
)

select
    deals.deal_id,
    {{ basis_name('deal_money.basis') }} as basis,
    {{ date_of_day('deal_money.month_day') }} as month,
    currencies.currency,
    deal_money.amount_minor,
    deal_money.reporting_amount_minor,
    deal_money.unconverted_minor
from deal_money
inner join deals on deal_money.deal_index = deals.deal_index
inner join currencies on deal_money.currency_index = currencies.currency_index
