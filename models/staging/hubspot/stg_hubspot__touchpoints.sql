-- Current record versions of `touchpoints` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('hubspot') }}
