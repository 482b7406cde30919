-- Current record versions of `fx_rates` from files as types; references stay native ids, amounts decimal text.
{{ staged_fx_rates('files') }}
