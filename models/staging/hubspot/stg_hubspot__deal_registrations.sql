-- Current record versions of `deal_registrations` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_deal_registrations('hubspot') }}
