-- Grain: commercial event of a partner (domain.md 11): an accepted registration, a deal it sourced, a payment on such a deal.
{{ config(materialized='ephemeral') }}
with

registrations as (
    select * from {{ ref('registration_state') }}
    where status = 'approved'
),

sourced_deals as (
    select
        sourcing.deal_id,
        sourcing.partner_id,
        deals.created_at
    from {{ ref('fct_deal_sourcing') }} as sourcing
    inner join {{ ref('dim_deal') }} as deals on sourcing.deal_id = deals.deal_id
    where sourcing.partner_id is not null
),

payments as (
    select distinct
        invoices.deal_id,
        events.effective_at
    from {{ ref('billing_event') }} as events
    inner join {{ ref('billing_invoice') }} as invoices on events.invoice_index = invoices.invoice_index
    where events.kind = 'payment' and invoices.deal_id is not null
)

select
    partner_id,
    'registration' as kind,
    decided_at as occurred_at
from registrations
union all
select
    partner_id,
    'deal' as kind,
    created_at as occurred_at
from sourced_deals
where created_at is not null
union all
select
    sourced_deals.partner_id,
    'paid_invoice' as kind,
    payments.effective_at as occurred_at
from sourced_deals
inner join payments on sourced_deals.deal_id = payments.deal_id
