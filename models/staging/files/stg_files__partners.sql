-- Current record versions of `partners` from files as types; references stay native ids, amounts decimal text.
{{ staged_partners('files') }}
