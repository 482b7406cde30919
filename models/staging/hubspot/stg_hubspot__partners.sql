-- Current record versions of `partners` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_partners('hubspot') }}
