-- Current record versions of `contacts` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_contacts('hubspot') }}
