-- Current record versions of `deal_stages` from files as types; references stay native ids, amounts decimal text.
{{ staged_deal_stages('files') }}
