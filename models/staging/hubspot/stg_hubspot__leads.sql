-- Current record versions of `leads` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_leads('hubspot') }}
