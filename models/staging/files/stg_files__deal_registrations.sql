-- Current record versions of `deal_registrations` from files as types; references stay native ids, amounts decimal text.
{{ staged_deal_registrations('files') }}
