-- Billing customers with their explicit account and reseller where these are known. Money is kept: an unknown one is an exception, not a refusal.
with billing_customers as (
    {{ union_of_sources('billing_customers') | indent }}
)

select
    billing_customers.* exclude (record_key, record_id, record, load_id, account_reference, partner_reference),
    account.account_id,
    case when account.account_id is null then billing_customers.account_reference end as unknown_account,
    partner.partner_id,
    case when partner.partner_id is null then billing_customers.partner_reference end as unknown_partner,
    null::varchar as refusal_reason,
    null::varchar as refusal_detail
from billing_customers
left join {{ ref('account_reference') }} as account
    on account.source = billing_customers.source and account.reference = billing_customers.account_reference
left join {{ ref('partner_reference') }} as partner
    on partner.source = billing_customers.source and partner.reference = billing_customers.partner_reference
