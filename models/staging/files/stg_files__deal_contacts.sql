-- Current record versions of `deal_contacts` from files as types; references stay native ids, amounts decimal text.
{{ staged_deal_contacts('files') }}
