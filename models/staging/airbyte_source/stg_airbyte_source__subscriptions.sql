-- Current record versions of `subscriptions` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_subscriptions('airbyte_source') }}
