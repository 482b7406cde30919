-- Current record versions of `payments` from Stripe as types; references stay native ids, amounts decimal text.
{{ staged_payments('stripe') }}
