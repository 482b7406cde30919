-- Current record versions of `payments` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_payments('airbyte_source') }}
