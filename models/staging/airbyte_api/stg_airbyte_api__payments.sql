-- Current record versions of `payments` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_payments('airbyte_api') }}
