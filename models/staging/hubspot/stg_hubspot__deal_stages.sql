-- Current record versions of `deal_stages` from HubSpot as types; references stay native ids, amounts decimal text.
{{ staged_deal_stages('hubspot') }}
