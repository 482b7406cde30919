-- Subscriptions of billing customers. Refused records are in refused_record.
select
    subscription_id,
    customer_id,
    deal_id,
    deal_reference is not null and deal_id is null as names_unknown_deal,
    started_at,
    cancelled_at,
    mrr_amount_minor,
    currency,
    status,
    source,
    record_key
from {{ ref('checked__subscriptions') }}
where refusal_reason is null
