-- Current record versions of `deals` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_deals('hubspot') }}
