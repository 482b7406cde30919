-- Current record versions of `contacts` from files as types; references stay native ids, amounts decimal text.
{{ staged_contacts('files') }}
