-- Current record versions of `billing_customers` from Stripe as types; references stay native ids, amounts decimal text.
{{ staged_billing_customers('stripe') }}
