-- Current record versions of `accounts` from files as types; references stay native ids, amounts decimal text.
{{ staged_accounts('files') }}
