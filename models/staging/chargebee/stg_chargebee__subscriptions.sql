-- Current record versions of `subscriptions` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_subscriptions('chargebee') }}
