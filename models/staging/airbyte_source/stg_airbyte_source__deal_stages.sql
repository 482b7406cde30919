-- Current record versions of `deal_stages` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_deal_stages('airbyte_source') }}
