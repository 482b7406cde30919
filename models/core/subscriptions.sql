-- Subscriptions of billing customers. Refused records are in refused_record.
select
    subscription_id,
    customer_id,
    deal_id,
    unknown_deal is not null as names_unknown_deal,
    started_at,
    cancelled_at,
    mrr_amount_minor,
    currency,
    status,
    source,
    {{ native_id('subscription_id') }} as record_key
from {{ ref('checked__subscriptions') }}
where refusal_reason is null
