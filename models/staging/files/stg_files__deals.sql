-- Current record versions of `deals` from files as types; references stay native ids, amounts decimal text.
{{ staged_deals('files') }}
