-- Current record versions of `accounts` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_accounts('hubspot') }}
