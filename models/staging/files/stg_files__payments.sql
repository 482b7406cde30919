-- Current record versions of `payments` from files as types; references stay native ids, amounts decimal text.
{{ staged_payments('files') }}
