-- Current record versions of `payments` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_payments('chargebee') }}
