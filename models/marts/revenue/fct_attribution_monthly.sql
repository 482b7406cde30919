-- Grain: month, basis, method, party and currency: the sum of each deal's money split by its weights (fine-print 14).
with

credit as (
    select * from {{ source('attribution', 'attribution_monthly') }}
),

methods as (
    select * from {{ source('config', 'method') }}
),

parties as (
    select * from {{ ref('party') }}
),

currencies as (
    select * from {{ ref('billing_currency') }}
)

select
    {{ date_of_day('credit.month_day') }} as month,
    {{ basis_name('credit.basis') }} as basis,
    methods.method,
    coalesce(parties.party_kind, 'unattributed') as party_kind,
    coalesce(parties.party_id, '') as party_id,
    currencies.currency,
    credit.amount_minor,
    credit.reporting_amount_minor
from credit
inner join methods on credit.method = methods.position
inner join currencies on credit.currency_index = currencies.currency_index
left join parties on credit.party_index = parties.party_index
