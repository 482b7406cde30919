-- The deal behind each invoice: the one that it names, else its subscription's, else the account's latest won deal
-- closed on or before the invoice date, local dates compared, ties to the lower id (domain.md 2, fine-print 13).
-- A deal created after the business clock is not there yet.
-- An invoice that names an unknown deal is never guessed (fine-print 5).
with won_deal as (
    select account_id, closed_date, min(deal_id) as deal_id
    from {{ ref('deals') }}
    where is_won and account_id is not null and is_future is not true
    group by account_id, closed_date
),

invoice as (
    select
        invoice.invoice_id,
        invoice.issued_date,
        invoice.deal_id,
        invoice.unknown_deal is not null as names_unknown_deal,
        invoice.subscription_deal_id,
        invoice.subscription_names_unknown_deal,
        link.account_id,
        link.reason as customer_reason
    from {{ ref('checked__invoices') }} as invoice
    inner join {{ ref('customer_account_link') }} as link on link.customer_id = invoice.customer_id
    where invoice.refusal_reason is null
),

named as (
    select
        invoice.*,
        case
            when deal_id is not null or names_unknown_deal then 'invoice'
            when subscription_deal_id is not null or subscription_names_unknown_deal then 'subscription'
            when account_id is not null then 'account'
        end as method
    from invoice
),

latest as (
    select
        named.*,
        won_deal.deal_id as account_deal_id
    from named
    asof left join won_deal
        on named.account_id = won_deal.account_id and named.issued_date >= won_deal.closed_date
)

select
    invoice_id,
    case method
        when 'invoice' then deal_id
        when 'subscription' then subscription_deal_id
        when 'account' then account_deal_id
    end as deal_id,
    account_id,
    method,
    case
        when method = 'invoice' and deal_id is null then 'unknown_deal'
        when method = 'subscription' and subscription_deal_id is null then 'unknown_deal'
        when method = 'account' and account_deal_id is null then 'no_won_deal'
        when method is null then 'customer_' || customer_reason
    end as reason
from latest
