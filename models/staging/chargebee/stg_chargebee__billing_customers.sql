-- Current record versions of `billing_customers` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_billing_customers('chargebee') }}
