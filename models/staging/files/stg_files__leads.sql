-- Current record versions of `leads` from files as types; references stay native ids, amounts decimal text.
{{ staged_leads('files') }}
