-- Billing customers. The account that money links to is in customer_account_link. Refused records are in refused_record.
select
    customer_id,
    account_id,
    unknown_account is not null as names_unknown_account,
    partner_id,
    name,
    email,
    domain,
    country,
    created_at,
    source,
    {{ native_id('customer_id') }} as record_key
from {{ ref('checked__billing_customers') }}
where refusal_reason is null
