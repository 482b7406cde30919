-- Current record versions of `enablement` from files as types; references stay native ids, amounts decimal text.
{{ staged_enablement('files') }}
