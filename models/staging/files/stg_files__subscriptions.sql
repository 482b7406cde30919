-- Current record versions of `subscriptions` from files as types; references stay native ids, amounts decimal text.
{{ staged_subscriptions('files') }}
