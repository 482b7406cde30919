-- Billing customers with their explicit account and reseller where these are known. Money is kept: an unknown one is an exception, not a refusal.
with billing_customers as (
    {{ union_of_sources('billing_customers') | indent }}
)

select
    billing_customers.*,
    account.account_id,
    partner.partner_id,
    null::varchar as refusal_reason,
    null::varchar as refusal_detail
from billing_customers
left join {{ ref('account_reference') }} as account
    on account.source = billing_customers.source and account.reference = billing_customers.account_reference
left join {{ ref('partner_reference') }} as partner
    on partner.source = billing_customers.source and partner.reference = billing_customers.partner_reference
