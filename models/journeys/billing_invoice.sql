-- Invoices that count (fine-print 19: a void one counts nowhere), with the deal they belong to.
-- One row an invoice, dense by (deal_index, unlinked last; invoice_id), so that a deal's invoices are together.
with

setting as (

    select as_of from {{ source('config', 'setting') }}

),

invoices as (

    select * from {{ ref('invoices') }}

),

links as (

    select
        invoice_id,
        deal_id,
        account_id,
        method as link_method,
        reason as unlinked_reason
    from {{ ref('invoice_deal_link') }}

),

deal_indexes as (

    select
        deal_id,
        deal_index
    from {{ ref('deal') }}

),

won_deals as (

    select
        deal_id,
        closed_date
    from {{ ref('deals') }}
    where is_won

),

currencies as (

    select * from {{ ref('billing_currency') }}

),

counted as (

    select invoices.*
    from invoices
    cross join setting
    where
        invoices.issued_at <= setting.as_of
        and not (
            invoices.status = 'void'
            and coalesce(invoices.voided_at, invoices.issued_at) <= setting.as_of
        )

),

linked as (

    select
        counted.invoice_id,
        counted.customer_id,
        counted.currency,
        counted.issued_at,
        counted.issued_date,
        counted.status,
        links.account_id,
        links.link_method,
        links.unlinked_reason,
        deal_indexes.deal_id,
        deal_indexes.deal_index,
        won_deals.closed_date
    from counted
    left join links on counted.invoice_id = links.invoice_id
    left join deal_indexes on links.deal_id = deal_indexes.deal_id
    left join won_deals on deal_indexes.deal_id = won_deals.deal_id

)

select
    cast(
        row_number() over (
            order by coalesce(linked.deal_index, 2147483647), linked.invoice_id
        ) - 1 as integer
    ) as invoice_index,
    linked.invoice_id,
    linked.customer_id,
    linked.account_id,
    cast(coalesce(linked.deal_index, -1) as integer) as deal_index,
    linked.deal_id,
    linked.link_method,
    case
        when linked.deal_id is null
            then coalesce(linked.unlinked_reason, 'no_deal')
    end as unlinked_reason,
    currencies.currency_index,
    linked.currency,
    linked.status,
    linked.issued_at,
    linked.issued_date,
    cast(coalesce(linked.closed_date - date '1970-01-01', -2147483648) as integer) as close_day
from linked
inner join currencies on linked.currency = currencies.currency
order by invoice_index
