-- Invoices with customer, deal and subscription found. An unknown customer refuses; an unknown deal only leaves the invoice unlinked (fine-print 5).
with invoices as (
    {{ union_of_sources('invoices') | indent }}
),

-- before the joins: there the time zone is one constant, behind them it is read anew for each row
dated as (
    select
        invoices.*,
        {{ local_date('invoices.issued_at') }} as issued_date,
        {{ local_date('invoices.due_at') }} as due_date,
        {{ local_date('invoices.voided_at') }} as voided_date
    from invoices
    cross join {{ source('config', 'setting') }} as setting
),

checked as (
    select
        invoices.* exclude (record_key, record_id, record, load_id, customer_reference, deal_reference, subscription_reference),
        customer.customer_id,
        deal.deal_id,
        case when deal.deal_id is null then invoices.deal_reference end as unknown_deal,
        subscription.subscription_id,
        case when subscription.subscription_id is null then invoices.subscription_reference end as unknown_subscription,
        subscription.deal_id as subscription_deal_id,
        subscription.names_unknown_deal as subscription_names_unknown_deal,
        {{ refusal_columns([unknown('customer', 'invoices.customer_reference', 'customer.customer_id')]) | indent(8) }}
    from dated as invoices
    left join {{ ref('customer_reference') }} as customer
        on customer.source = invoices.source and customer.reference = invoices.customer_reference
    left join {{ ref('deal_reference') }} as deal
        on deal.source = invoices.source and deal.reference = invoices.deal_reference
    left join {{ ref('subscription_reference') }} as subscription
        on subscription.source = invoices.source and subscription.reference = invoices.subscription_reference
)

select * from checked
