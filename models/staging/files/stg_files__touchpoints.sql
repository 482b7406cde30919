-- Current record versions of `touchpoints` from files as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('files') }}
