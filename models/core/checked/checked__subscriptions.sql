-- Subscriptions with customer and deal found. An unknown customer refuses; an unknown deal only leaves the link open.
with subscriptions as (
    {{ union_of_sources('subscriptions') | indent }}
),

checked as (
    select
        subscriptions.* exclude (record_key, record_id, record, load_id, customer_reference, deal_reference, mrr_amount),
        customer.customer_id,
        deal.deal_id,
        case when deal.deal_id is null then subscriptions.deal_reference end as unknown_deal,
        {{ minor_units('subscriptions.mrr_amount', 'currency.exponent') }} as mrr_amount_minor,
        {{ refusal_columns([
            unknown('customer', 'subscriptions.customer_reference', 'customer.customer_id'),
            [decimals('subscriptions.mrr_amount') ~ ' > currency.exponent', 'too_many_decimals', 'subscriptions.mrr_amount'],
            ['currency.exponent is not null and subscriptions.mrr_amount is not null and '
                ~ minor_units('subscriptions.mrr_amount', 'currency.exponent') ~ ' is null', 'amount_too_long', 'subscriptions.mrr_amount'],
        ]) | indent(8) }}
    from subscriptions
    left join {{ source('config', 'currency') }} as currency on currency.currency = subscriptions.currency
    left join {{ ref('customer_reference') }} as customer
        on customer.source = subscriptions.source and customer.reference = subscriptions.customer_reference
    left join {{ ref('deal_reference') }} as deal
        on deal.source = subscriptions.source and deal.reference = subscriptions.deal_reference
)

select * from checked
