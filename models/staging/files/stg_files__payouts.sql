-- Current record versions of `payouts` from files as types; references stay native ids, amounts decimal text.
{{ staged_payouts('files') }}
