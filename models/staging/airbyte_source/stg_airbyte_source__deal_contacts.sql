-- Current record versions of `deal_contacts` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_deal_contacts('airbyte_source') }}
