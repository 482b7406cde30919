-- Current record versions of `billing_customers` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_billing_customers('airbyte_api') }}
