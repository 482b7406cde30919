-- Currencies of deals and invoices, dense by code. One row a currency.
with

deals as (

    select currency from {{ ref('deals') }}

),

invoices as (

    select currency from {{ ref('invoices') }}

),

used as (

    select currency from deals
    union
    select currency from invoices

)

select
    cast(row_number() over (order by currency) - 1 as integer) as currency_index,
    currency
from used
order by currency_index
