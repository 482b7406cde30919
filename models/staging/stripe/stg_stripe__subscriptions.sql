-- Current record versions of `subscriptions` from Stripe as types; references stay native ids, amounts decimal text.
{{ staged_subscriptions('stripe') }}
