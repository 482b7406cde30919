-- Current record versions of `deal_stages` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_deal_stages('airbyte_api') }}
